"""What a password must be (CNIL 2022-100): long, hard to guess, no common or contextual word. No composition rule."""

import re
import string
import unicodedata
from math import log2
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 128  # characters
ENOUGH = 50  # bits
SHORTEST_WORD = 4  # letters; shorter parts of a name are found in too many words
ALPHABETS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
OTHERS = 33  # the signs of a keyboard
REPEATED = re.compile(r"(.{1,4}?)\1+")


def bits(password: str) -> float:
    """The CNIL's measure: length × log2 of the size of the alphabet that was used."""
    used = [alphabet for alphabet in ALPHABETS if set(alphabet) & set(password)]
    size = sum(len(alphabet) for alphabet in used)
    if set(password) - set("".join(ALPHABETS)):
        size += OTHERS
    return len(password) * log2(size) if size > 1 else 0.0


class Strength:
    def validate(self, password: str, user: Any = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(_("Ce mot de passe dépasse %(most)s caractères.") % {"most": LONGEST}, "too_long")
        if bits(password) < ENOUGH:
            raise ValidationError(
                _("Ce mot de passe est trop facile à deviner. Allongez-le, ou mélangez des lettres et des chiffres."),
                "too_weak",
            )
        if REPEATED.fullmatch(password):
            raise ValidationError(_("Ce mot de passe répète toujours la même chose."), "repeated")

    def get_help_text(self) -> str:
        return _("Une phrase de plusieurs mots est un bon mot de passe.")


class NoContextualWord:
    """Neither the company’s name nor the person’s own name or address."""

    def validate(self, password: str, user: Any = None) -> None:
        typed = plain(password)
        if any(word in typed for word in contextual_words(user)):
            raise ValidationError(
                _("Ce mot de passe contient votre nom, votre adresse ou le nôtre : il se devine."),
                "contextual",
            )

    def get_help_text(self) -> str:
        return _("Il ne contient ni votre nom, ni votre adresse e-mail, ni le nom de l’entreprise.")


def contextual_words(user: Any) -> set[str]:
    person = getattr(user, "person", None)
    texts = [
        settings.COMPANY_NAME,
        getattr(user, "email", ""),
        getattr(user, "full_name", ""),
        person.full_name if person else "",
    ]
    words = {word for text in texts for word in re.split(r"[^a-z0-9]+", plain(text))}
    return {word for word in words if len(word) >= SHORTEST_WORD}


def plain(text: str) -> str:
    """Lower-case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
