"""On which grounds the law lets a request be refused, in whole or in part, for each right."""

from dataclasses import dataclass

from privacy.models import RightsRequest

Right = RightsRequest.Right


@dataclass(frozen=True)
class Ground:
    key: str
    label: str  # for the DPO
    law: str
    words: str  # for the person, in the answer


GROUNDS: dict[str, Ground] = {
    ground.key: ground
    for ground in (
        Ground(
            "unfounded",
            "Manifestement infondée",
            "RGPD, article 12, paragraphe 5",
            "votre demande ne repose manifestement sur aucun motif",
        ),
        Ground(
            "excessive",
            "Manifestement excessive",
            "RGPD, article 12, paragraphe 5",
            "votre demande est manifestement excessive, notamment parce qu’elle se répète",
        ),
        Ground(
            "unidentified",
            "Identité impossible à établir",
            "RGPD, article 12, paragraphe 2",
            "nous n’avons pas pu établir que vous êtes la personne concernée",
        ),
        Ground(
            "others_rights",
            "Droits d’autres personnes",
            "RGPD, article 15, paragraphe 4",
            "y répondre entièrement porterait atteinte aux droits d’autres personnes",
        ),
        Ground(
            "exact",
            "Données exactes",
            "RGPD, article 16",
            "les données que nous gardons sont exactes",
        ),
        Ground(
            "opinion",
            "Une appréciation, accompagnée d’une déclaration",
            "RGPD, article 16",
            "il s’agit d’une appréciation\N{NO-BREAK SPACE}; votre déclaration est gardée à côté d’elle",
        ),
        Ground(
            "expression",
            "Liberté d’expression et d’information",
            "RGPD, article 17, paragraphe 3, a",
            "la liberté d’expression et d’information exige de les garder",
        ),
        Ground(
            "legal_obligation",
            "Obligation légale",
            "RGPD, article 17, paragraphe 3, b",
            "la loi nous oblige à les garder",
        ),
        Ground(
            "public_health",
            "Santé publique",
            "RGPD, article 17, paragraphe 3, c",
            "la santé publique exige de les garder",
        ),
        Ground(
            "archives",
            "Archives, recherche ou statistiques",
            "RGPD, article 17, paragraphe 3, d",
            "des archives, des recherches ou des statistiques d’intérêt public l’exigent",
        ),
        Ground(
            "legal_claims",
            "Constatation, exercice ou défense de droits en justice",
            "RGPD, article 17, paragraphe 3, e",
            "elles servent à constater, à exercer ou à défendre des droits en justice",
        ),
        Ground(
            "compelling",
            "Motifs légitimes et impérieux",
            "RGPD, article 21, paragraphe 1",
            "des motifs légitimes et impérieux prévalent sur vos intérêts",
        ),
        Ground(
            "not_contested",
            "Aucun des quatre cas prévus",
            "RGPD, article 18, paragraphe 1",
            "votre situation n’est aucune des quatre que la loi prévoit",
        ),
        Ground(
            "not_portable",
            "Ni consentement ni contrat, ou données que la personne n’a pas fournies",
            "RGPD, article 20, paragraphe 1",
            "ces données ne reposent ni sur votre accord ni sur un contrat, ou ne viennent pas de vous",
        ),
        Ground(
            "heirs",
            "Aucun des trois motifs ouverts aux héritiers",
            "Loi Informatique et Libertés, article 85",
            "la loi n’ouvre ces droits aux héritiers que pour régler la succession, recevoir des biens numériques ou "
            "faire constater le décès",
        ),
    )
}

ALWAYS = ("unfounded", "excessive", "unidentified")
OF_A_RIGHT: dict[str, tuple[str, ...]] = {
    Right.INFORMATION: (),
    Right.ACCESS: ("others_rights",),
    Right.RECTIFICATION: ("exact", "opinion"),
    # A bare legitimate interest is no ground.
    Right.ERASURE: ("expression", "legal_obligation", "public_health", "archives", "legal_claims"),
    Right.OBJECTION: ("compelling", "legal_claims"),
    Right.WITHDRAWAL: (),
    Right.RESTRICTION: ("not_contested",),
    Right.PORTABILITY: ("not_portable", "others_rights"),
    Right.AUTOMATED_DECISION: (),
    Right.POST_MORTEM: ("heirs",),
}


def of(right: str) -> dict[str, Ground]:
    """Those that the law knows for this right, by key."""
    return {key: GROUNDS[key] for key in (*OF_A_RIGHT[right], *ALWAYS)}
