from datetime import timedelta

from allauth.account import app_settings
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from privacy import codes
from privacy.outbox import MessageKind, register

DAY = timedelta(days=1)

register(
    MessageKind("sign_up_code", _("Votre code"), lifetime=codes.LIFETIME),
    MessageKind(
        "confirm_address",
        _("Confirmez votre adresse e-mail"),
        lifetime=timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS),
        mail_only=True,
    ),
    MessageKind(
        "password_reset",
        _("Votre nouveau mot de passe"),
        lifetime=timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT),
        mail_only=True,
    ),
    MessageKind("unknown_account", _("Il n’y a pas de compte à cette adresse"), lifetime=DAY, mail_only=True),
    MessageKind("account_exists", _("Vous avez déjà un compte"), lifetime=DAY),
    MessageKind("new_device", _("Connexion depuis un nouvel appareil"), lifetime=3 * DAY, mail_only=True),
    MessageKind("password_changed", _("Votre mot de passe a changé"), lifetime=3 * DAY, mail_only=True),
    MessageKind("address_changed", _("Votre adresse de connexion a changé"), lifetime=3 * DAY, mail_only=True),
    MessageKind("factor_changed", _("Votre second facteur a changé"), lifetime=3 * DAY, mail_only=True),
    MessageKind("account_closed", _("Votre compte est supprimé"), lifetime=7 * DAY, mail_only=True),
    MessageKind("account_sleeps", _("Votre compte ne sert plus"), lifetime=7 * DAY, mail_only=True),
    MessageKind("account_sleeps_last", _("Votre compte va être supprimé"), lifetime=7 * DAY, mail_only=True),
)
