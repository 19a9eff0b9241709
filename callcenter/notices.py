"""
What an agent says aloud before writing anything down (GDPR article 13), by version. A call keeps which one was said.

A published wording never changes: a new one gets a new version, and the last is the current one.
"""

NOTICES: dict[str, str] = {
    "2025-01": (
        "Vous êtes en ligne avec SOFRATEL CAT, pour {landlord}. Je note votre nom, votre adresse et votre demande pour "
        "organiser l’intervention. Seuls les services qui interviennent et votre bailleur les reçoivent. Tout est "
        "effacé quatorze mois après la fin de l’intervention. Vous pouvez demander à voir, corriger ou effacer ce "
        "qui vous concerne : notre délégué à la protection des données vous répond."
    ),
}

CURRENT_NOTICE = list(NOTICES)[-1]
