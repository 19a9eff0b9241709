"""
The words by which each consent is asked for, read aloud or shown, by version.

A published wording never changes: a new one gets a new version, and the last of its purpose is the current one.
"""

import hashlib
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Wording:
    purpose: str
    version: str
    text: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


WORDINGS: tuple[Wording, ...] = (
    Wording(
        "recording",
        "2025-01",
        _(
            "Acceptez-vous que cet appel soit enregistré, pour vérifier la qualité de notre service ou régler "
            "un litige ? L’enregistrement est effacé au bout de trois mois au plus. Vous pouvez refuser, cela "
            "ne change rien à votre demande."
        ),
    ),
    Wording(
        "marketing",
        "2025-01",
        _(
            "Acceptez-vous que nous vous présentions nos services et nos nouveautés ? Vous pouvez refuser, ou "
            "changer d’avis à tout moment, cela ne change rien à vos interventions."
        ),
    ),
    Wording(
        "handing_identity",
        "2025-01",
        _(
            "Acceptez-vous que nous transmettions votre nom et vos coordonnées à votre bailleur, au-delà du "
            "suivi de vos propres interventions ? Vous pouvez refuser, ou changer d’avis à tout moment, cela ne "
            "change rien à vos interventions."
        ),
    ),
    Wording(
        "surveys",
        "2025-01",
        _(
            "Acceptez-vous que nous vous demandions votre avis après une intervention ? Vous pouvez refuser, ou "
            "changer d’avis à tout moment, cela ne change rien à vos interventions."
        ),
    ),
    Wording(
        "cookies",
        "2025-01",
        _(
            "Acceptez-vous les cookies qui mesurent la fréquentation du site ? Vous pouvez refuser, ou changer "
            "d’avis à tout moment, le site fonctionne de la même façon."
        ),
    ),
)

CURRENT: dict[str, Wording] = {wording.purpose: wording for wording in WORDINGS}
