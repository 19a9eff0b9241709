"""allauth's forms in our words. A label stays while one types, so there is no placeholder."""

from collections.abc import Mapping
from typing import Any

from allauth.account import forms as account
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.base import forms as factors
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.sign_in import recovery_codes
from accounts.sign_in.events import network_of
from privacy import journal

CODE_ATTRIBUTES = {
    "inputmode": "numeric",
    "autocomplete": "one-time-code",
    "autocapitalize": "none",
    "spellcheck": "false",
}


class Plain(forms.BaseForm):
    labels: Mapping[str, Any] = {}
    helps: Mapping[str, Any] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            field.help_text = self.helps.get(name, "")


class LoginForm(Plain, account.LoginForm):
    labels = {"login": _("Adresse e-mail"), "password": _("Mot de passe")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"


NEW_PASSWORD_LABELS = {"password1": _("Nouveau mot de passe"), "password2": _("Le même, encore une fois")}
NEW_PASSWORD_HELPS = {
    "password1": _(
        "Au moins 12 caractères. Une phrase de plusieurs mots convient très bien. "
        "Ni votre nom, ni votre adresse, ni le nom de l’entreprise."
    )
}


class ResetPasswordForm(Plain, account.ResetPasswordForm):
    labels = {"email": _("Adresse e-mail")}


class ResetPasswordKeyForm(Plain, account.ResetPasswordKeyForm):
    labels, helps = NEW_PASSWORD_LABELS, NEW_PASSWORD_HELPS


class SetPasswordForm(Plain, account.SetPasswordForm):
    labels, helps = NEW_PASSWORD_LABELS, NEW_PASSWORD_HELPS


class ChangePasswordForm(Plain, account.ChangePasswordForm):
    labels = {"oldpassword": _("Mot de passe actuel"), **NEW_PASSWORD_LABELS}
    helps = NEW_PASSWORD_HELPS


class AddEmailForm(Plain, account.AddEmailForm):
    labels = {"email": _("Nouvelle adresse e-mail")}


class ReauthenticateForm(Plain, account.ReauthenticateForm):
    labels = {"password": _("Mot de passe")}


class OneTimeCode(Plain):
    """A code of the application, once, or a recovery code."""

    labels = {"code": _("Code à six chiffres")}
    helps = {"code": _("Il est dans votre application. Sans elle, tapez ici un de vos codes de secours.")}
    recovered = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(CODE_ATTRIBUTES | {"inputmode": "text"})

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]
        if recovery_codes.looks_like_one(typed):
            clear_limit = check_rate_limit(self.user)  # type: ignore[attr-defined]
            if not recovery_codes.use(self.user, typed):  # type: ignore[attr-defined]
                raise ValidationError(_("Ce code de secours n’existe pas, ou il a déjà servi."), "incorrect_code")
            clear_limit()
            self.recovered = True
            return typed
        code = super().clean_code()  # type: ignore[misc]
        if not first_use(self.user, code):  # type: ignore[attr-defined]
            raise ValidationError(_("Ce code a déjà servi. Attendez le suivant."), "used")
        return code

    def save(self) -> None:
        if not self.recovered:
            super().save()  # type: ignore[misc]
            return
        request, user = context.request, self.user  # type: ignore[attr-defined]
        record_authentication(request, user, "mfa", type="recovery_code", reauthenticated=True)
        journal.record(user, action="recovery_code_used", by=user, now=timezone.now(), network=network_of(request))


def first_use(user: Any, code: str) -> bool:
    """A code is good for three periods, since clocks differ; and good once."""
    periods = 1 + 2 * mfa_settings.TOTP_TOLERANCE
    return cache.add(f"totp:{user.pk}:{normalize_user_code(code)}", True, timeout=periods * mfa_settings.TOTP_PERIOD)


class AuthenticateForm(OneTimeCode, factors.AuthenticateForm):
    pass


class ReauthenticateByCodeForm(OneTimeCode, factors.ReauthenticateForm):
    pass


class ActivateTOTPForm(Plain, totp.ActivateTOTPForm):
    labels = {"code": _("Code à six chiffres")}
    helps = {"code": _("Celui que l’application affiche maintenant.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.update(CODE_ATTRIBUTES)


class AddWebAuthnForm(Plain, webauthn.AddWebAuthnForm):
    labels = {"name": _("Nom de cette clé"), "passwordless": _("Me connecter avec elle seule, sans mot de passe")}
    helps = {
        "name": _("Pour la reconnaître, par exemple « téléphone »."),
        "passwordless": _("Il faut alors que la clé vous demande un code, un doigt ou un visage."),
    }


class EditWebAuthnForm(Plain, webauthn.EditWebAuthnForm):
    labels = {"name": _("Nom de cette clé")}
