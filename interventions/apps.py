from django.apps import AppConfig


class InterventionsConfig(AppConfig):
    name = "interventions"
    verbose_name = "Patrimoine et interventions"

    def ready(self) -> None:
        from interventions import suggestions, surveys
        from interventions.copies import correct_contact_numbers
        from privacy.consent import on_withdrawal
        from privacy.objections import on_objection
        from privacy.rights.rectification import on_rectification

        on_withdrawal(surveys.PURPOSE, surveys.delete_answers_of)
        on_objection(surveys.PURPOSE, surveys.delete_answers_of)
        on_rectification("accounts.Phone.number", correct_contact_numbers)
        suggestions.register()
