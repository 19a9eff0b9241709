from django.utils.translation import gettext_lazy as _

from accounts.sign_in.devices import COOKIE, LIFETIME
from privacy.navigation.cookies import Kept, in_words, register

register(
    Kept(
        COOKIE,
        _("Reconnaît un appareil d’où vous vous êtes déjà connecté, et vous prévient d’un nouveau."),
        lambda: in_words(LIFETIME),
    )
)
