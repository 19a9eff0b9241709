from django.apps import AppConfig


class CallcenterConfig(AppConfig):
    name = "callcenter"
    verbose_name = "Centre d’appels"

    def ready(self) -> None:
        from callcenter.recordings import delete_all_of
        from privacy.consent import on_withdrawal

        on_withdrawal("recording", delete_all_of)
