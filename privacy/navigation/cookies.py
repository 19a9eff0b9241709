"""
All that this site keeps in a browser: the page about cookies and the tests read this one list.

Each app adds what it keeps itself, in its `cookies.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from privacy.navigation.choices import COOKIE
from privacy.policy import CHOICE_ASKED_AGAIN

HOUR, DAY = 3600, 24 * 3600


@dataclass(frozen=True)
class Kept:
    """Strictly necessary, or asked for by who uses it: exempt from consent. `lasts` says how long, in words."""

    name: str
    why: str | Promise
    lasts: Callable[[], str]
    is_cookie: bool = True  # or else in the browser's own storage, which is never sent to us


def seconds(name: str) -> Callable[[], str]:
    """So long as this setting says."""
    return lambda: in_words(getattr(settings, name))


def in_words(length: int) -> str:
    if length >= 2 * DAY:
        return ngettext("%(n)d jour", "%(n)d jours", length // DAY) % {"n": length // DAY}
    return ngettext("%(n)d heure", "%(n)d heures", length // HOUR) % {"n": length // HOUR}


def until_asked_again() -> str:
    months = CHOICE_ASKED_AGAIN.months
    return ngettext("%(n)d mois", "%(n)d mois", months) % {"n": months}


KEPT: list[Kept] = []


def register(*kept: Kept) -> None:
    KEPT.extend(kept)


def discover() -> None:
    autodiscover_modules("cookies")


register(
    Kept(
        settings.CSRF_COOKIE_NAME,
        _("Vérifie que les formulaires que vous envoyez viennent bien de ce site."),
        seconds("CSRF_COOKIE_AGE"),
    ),
    Kept(
        settings.SESSION_COOKIE_NAME,
        _("Vous garde connecté, et retient ce que vous avez commencé à écrire."),
        seconds("SESSION_COOKIE_AGE"),
    ),
    Kept(
        settings.LANGUAGE_COOKIE_NAME,
        _("Retient la langue que vous avez choisie."),
        seconds("LANGUAGE_COOKIE_AGE"),
    ),
    Kept(
        CookieStorage.cookie_name,
        _("Porte un message d’une page à la suivante, comme « c’est enregistré »."),
        lambda: gettext("jusqu’à la page suivante"),
    ),
    Kept(COOKIE, _("Retient votre réponse sur la mesure d’audience, et la prouve."), until_asked_again),
    Kept(
        "theme",
        _("Retient le thème clair ou sombre, si vous l’avez choisi. Votre appareil ne nous l’envoie jamais."),
        lambda: gettext("jusqu’à ce que vous repreniez le thème de votre appareil"),
        is_cookie=False,
    ),
)
