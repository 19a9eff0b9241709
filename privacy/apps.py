from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Protection des données"

    def ready(self) -> None:
        from privacy import checks, lookups, registry  # noqa: F401
        from privacy.navigation import cookies
        from privacy.outbox import kinds

        registry.discover()
        kinds.discover()
        cookies.discover()
