from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from privacy.navigation.cookies import Kept, register

register(
    Kept(
        "letters",
        _("Pour notre équipe : retient si les raccourcis du poste de travail sont des lettres seules."),
        lambda: gettext("jusqu’à ce que le navigateur l’efface"),
        is_cookie=False,
    )
)
