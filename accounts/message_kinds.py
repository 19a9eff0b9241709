from django.utils.translation import gettext_lazy as _

from privacy import codes
from privacy.outbox import MessageKind, register

register(MessageKind("sign_up_code", _("Votre code"), lifetime=codes.LIFETIME))
