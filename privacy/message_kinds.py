from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from privacy import codes
from privacy.models.packages import LINK_LIVES
from privacy.models.requests import LETTER_LINK_LIVES
from privacy.outbox import MessageKind, register

register(
    MessageKind("package_ready", _("La copie de vos données"), lifetime=LINK_LIVES, after_death=True),
    MessageKind("package_code", _("Votre code"), lifetime=codes.LIFETIME, after_death=True),
    MessageKind("letter_ready", _("Une lettre vous attend"), lifetime=LETTER_LINK_LIVES, after_death=True),
    MessageKind("rights_reminder", "Une demande vous attend", lifetime=timedelta(days=1), mail_only=True),
    MessageKind("erasure_done", _("Vos données sont effacées"), lifetime=timedelta(days=7)),
    MessageKind("restriction_ends", _("Fin de la limitation de vos données"), lifetime=timedelta(days=7)),
    MessageKind("breach_reported", "Violation de données signalée", lifetime=timedelta(days=3), mail_only=True),
    MessageKind("breach_reminder", "Violation de données à notifier", lifetime=timedelta(days=3), mail_only=True),
    MessageKind("recipient_notice", "Des données que vous avez reçues", lifetime=timedelta(days=1), mail_only=True),
)
