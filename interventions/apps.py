from django.apps import AppConfig


class InterventionsConfig(AppConfig):
    name = "interventions"
    verbose_name = "Patrimoine et interventions"

    def ready(self) -> None:
        from interventions import surveys
        from privacy.consent import on_withdrawal
        from privacy.objections import on_objection

        on_withdrawal(surveys.PURPOSE, surveys.delete_answers_of)
        on_objection(surveys.PURPOSE, surveys.delete_answers_of)
