from django.apps import AppConfig


class CallcenterConfig(AppConfig):
    name = "callcenter"
    verbose_name = "Centre d’appels"

    def ready(self) -> None:
        from callcenter import suggestions
        from callcenter.recordings import copy_into_request, delete_all_of
        from privacy.consent import on_withdrawal
        from privacy.objections import on_objection
        from privacy.rights.workflow import on_receipt

        on_withdrawal("recording", delete_all_of)
        on_objection("recording", delete_all_of)
        on_receipt(copy_into_request)
        suggestions.register()
