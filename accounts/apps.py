from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Personnes et comptes"

    def ready(self) -> None:
        from accounts import copies
        from accounts.closing import close_again, forget_login_of
        from accounts.contacts import own_addresses
        from accounts.finding import FINDER
        from accounts.sign_in.events import listen
        from privacy import ledger
        from privacy.addresses import reached_by
        from privacy.finding import searched_by
        from privacy.rights.erasure import on_erasure
        from privacy.rights.post_mortem import on_death

        listen()
        copies.listen()
        on_erasure(forget_login_of)
        on_death(forget_login_of)
        ledger.on_replay(ledger.CLOSING, close_again)
        reached_by(own_addresses)
        searched_by(FINDER)
