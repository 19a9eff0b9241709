"""What allauth asks of the product: its limits, its mails, its secrets."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import Role
from accounts.sign_in import devices, sessions, throttling
from privacy import outbox
from privacy.encryption import cipher

# allauth's mails, and our message of the same sense. Those that tell of a change say only that there was one.
MAILS = {
    "account/email/password_reset_key": "password_reset",
    "account/email/unknown_account": "unknown_account",
    "account/email/email_confirmation": "confirm_address",
    "account/email/email_confirmation_signup": "confirm_address",
    "account/email/account_already_exists": "account_exists",
    "account/email/email_changed": "address_changed",
    "account/email/email_deleted": "address_changed",
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/password_set": "password_changed",
    "mfa/email/totp_activated": "factor_changed",
    "mfa/email/totp_deactivated": "factor_changed",
    "mfa/email/webauthn_added": "factor_changed",
    "mfa/email/webauthn_removed": "factor_changed",
}
# What allauth says on the next page, in our words. It says nothing of coming in and going out: that is plain to see.
MESSAGES = {
    "account/messages/email_confirmed.txt": _("Votre adresse e-mail est confirmée."),
    "account/messages/email_confirmation_sent.txt": _("Un e-mail est parti. Ouvrez le lien qu’il contient."),
    "account/messages/email_confirmation_failed.txt": _("Cette adresse ne peut pas être confirmée."),
    "account/messages/email_deleted.txt": _("Votre adresse ne change pas."),
    "account/messages/password_changed.txt": _("Votre mot de passe est changé."),
    "account/messages/password_set.txt": _("Votre mot de passe est choisi."),
    "mfa/messages/totp_activated.txt": _("L’application est reliée à votre compte."),
    "mfa/messages/totp_deactivated.txt": _("L’application n’est plus reliée à votre compte."),
    "mfa/messages/webauthn_added.txt": _("La clé est reliée à votre compte."),
    "mfa/messages/webauthn_removed.txt": _("La clé n’est plus reliée à votre compte."),
    "usersessions/messages/sessions_logged_out.txt": _("Vos autres appareils ne sont plus connectés."),
}
LINKS = ("password_reset_url", "activate_url")  # the only ones that a mail of ours repeats


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux."),
        "incorrect_password": _("Ce mot de passe n’est pas le bon."),
        "enter_current_password": _("Ce n’est pas votre mot de passe actuel."),
        "too_many_login_attempts": _("Trop d’essais. Attendez cinq minutes, puis recommencez."),
        "rate_limited": _("Trop d’essais. Attendez cinq minutes, puis recommencez."),
        "duplicate_email": _("C’est déjà votre adresse."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by `accounts.opening`, which knows who asks."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        email, now = credentials["email"], timezone.now()
        budgets = throttling.password_budgets(
            email, address=self.get_client_ip(request), device=devices.number_of(request, email)
        )
        try:
            throttling.spend(budgets, now=now)
        except throttling.Throttled as refusal:
            raise ImmediateHttpResponse(throttling.too_many_requests(request, refusal.until)) from None
        user = super().authenticate(request, **credentials)
        if user is not None:
            throttling.give_back(budgets, now=now)
        return user

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """allauth’s own limit lets a stranger lock a person out. Ours is above."""

    def login(self, request: HttpRequest, user: User) -> None:
        request.is_new_device = (  # type: ignore[attr-defined]
            user.last_login is not None and devices.number_of(request, user.email) is None
        )
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        devices.remember(response, request, user.email)
        if request.is_new_device:  # type: ignore[attr-defined]
            send("new_device", to=user.email, user=user, link=outbox.absolute(reverse("usersessions_list")))
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just signed in is not asked again."""
        within = settings.RECENT_LOGIN
        return not sessions.signed_in_recently(self.request.session, within=within, now=timezone.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queued, so that a mail to nobody takes the time of a mail to somebody."""
        found = next((context[name] for name in LINKS if name in context), "")
        path = urlsplit(found).path or reverse("account_security")
        send(MAILS[template_prefix], to=email, user=context.get("user"), link=outbox.absolute(path))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        said = message or MESSAGES.get(message_template or "")
        if said:
            messages.add_message(request, level, said, extra_tags=extra_tags)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant."),
        "cannot_delete_authenticator": _(
            "C’est votre seul second facteur, et il vous en faut un. Ajoutez-en d’abord un autre."
        ),
    }

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Only tenants may do without; demo mode lets everybody."""
        if settings.DEMO or authenticator.user.role == Role.TENANT:
            return True
        return Authenticator.objects.filter(user=authenticator.user).exclude(pk=authenticator.pk).exists()


def send(kind: str, *, to: str, user: User | None, link: str) -> None:
    outbox.send(
        kind,
        to=to,
        person=user.person if user is not None else None,
        language=get_language() or settings.LANGUAGE_CODE,
        link=link,
        now=timezone.now(),
    )
