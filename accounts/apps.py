from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personnes et comptes"

    def ready(self) -> None:
        from accounts.sign_in.events import listen

        listen()
