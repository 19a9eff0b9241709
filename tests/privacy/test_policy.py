"""The data say what the published policy of 2 January 2025 says: its facts, section by section, read from its text."""

from datetime import date

from privacy import policy
from privacy.models import RightsRequest

# Section 7: what is kept, how long, and whether that is a maximum.
PERIODS = {
    "interventions": ("14\N{NO-BREAK SPACE}mois", False),
    "recordings": ("3\N{NO-BREAK SPACE}mois", True),
    "statistics": ("14\N{NO-BREAK SPACE}mois", False),
    "accounting": ("10\N{NO-BREAK SPACE}ans", False),
    "complaints": ("14\N{NO-BREAK SPACE}mois", False),
    "navigation": ("13\N{NO-BREAK SPACE}mois", True),
    "providers": ("la durée de l’intervention", True),
}

# Section 4, in its order. Satisfaction surveys stand twice: under consent and under legitimate interest.
PURPOSES = {
    "contrat": ["account", "complaints", "interventions", "appointments", "providers", "client_figures"],
    "consentement": ["marketing", "handing_identity", "cookies", "recording", "surveys"],
    "intérêt légitime": ["improvement", "polls", "litigation", "history", "quality", "emergency"],
}
# What the software needs beyond section 4: the books (section 7), security (section 8), rights (section 9).
BEYOND = {"accounting": "obligation légale", "security": "intérêt légitime", "rights": "obligation légale"}

# Section 9, in its order, with the article of the law.
RIGHTS = [
    ("information", "12 à 14"),
    ("access", "15"),
    ("rectification", "16"),
    ("erasure", "17"),
    ("objection", "21"),
    ("withdrawal", "7"),
    ("restriction", "18"),
    ("portability", "20"),
    ("automated_decision", "22"),
    ("post_mortem", "85"),
]

# Section 5.
RECIPIENTS = ["staff", "group", "trades", "maintenance", "landlords", "emergency", "hotels"]

# Section 3, by door.
COLLECTED = {
    "Sur le site": ["Identification", "Connexion", "Navigation"],
    "Au téléphone": ["Identification", "Intervention", "Historique", "Enregistrement", "Données d’un tiers"],
}


def test_version_and_date():
    assert policy.VERSION == "2025-01-02"
    assert date(2025, 1, 2) == policy.PUBLISHED_ON


def test_the_seven_periods_in_their_order():
    assert {row.key: (str(row.period), row.at_most) for row in policy.ROWS} == PERIODS
    assert [row.key for row in policy.ROWS] == list(PERIODS)


def test_every_purpose_has_the_basis_that_the_policy_gives_it():
    expected = {key: basis for basis, keys in PURPOSES.items() for key in keys}
    assert {key: purpose.basis for key, purpose in policy.PURPOSES.items()} == expected | BEYOND
    for basis, keys in PURPOSES.items():
        said = [purpose.key for purpose in policy.PURPOSES.values() if purpose.basis == basis]
        assert [key for key in said if key not in BEYOND] == keys


def test_the_ten_rights_in_their_order_are_those_that_can_be_asked_for():
    assert [right.key for right in policy.RIGHTS] == [key for key, _ in RIGHTS]
    assert {right.key for right in policy.RIGHTS} == set(RightsRequest.Right.values)
    for right, (_, article) in zip(policy.RIGHTS, RIGHTS, strict=True):
        assert right.law.endswith(f" {article}")


def test_recipients_and_categories():
    assert [recipient.key for recipient in policy.RECIPIENTS] == RECIPIENTS
    found = {}
    for category in policy.COLLECTED:
        found.setdefault(category.door, []).append(category.label)
    assert found == COLLECTED


def test_transfers_and_contacts():
    adequacy, clauses, corporate_rules = policy.TRANSFER_GUARANTEES
    assert "pays" in adequacy
    assert "clauses types" in clauses
    assert "règles internes d’entreprise" in corporate_rules
    assert policy.DPO_EMAIL == "dpo@cat.sofratel.fr"
    for part in ("3 place de Fontenoy", "TSA 80715", "75334 Paris Cedex 07"):
        assert part in policy.CNIL_ADDRESS
    assert policy.CONTROLLER.address == "215 rue du Comte d’Artois, 59400 Cambrai"
    assert "450 607 429 00021" in policy.CONTROLLER.registry
    assert policy.CONTROLLER.form == "SAS au capital de 100\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}€"


def test_every_gap_has_a_proposal_apart_from_the_policy_s_own_rows():
    proposed = {row.key: str(row.period) for row in policy.PROPOSALS}
    assert not set(proposed) & set(PERIODS)
    expected = {
        "accounts": "24 mois",
        "tenancies": "14 mois",
        "identity_documents": "30 jours",
        "rights_requests": "5 ans",
        "export_packages": "30 jours",
        "consent_proofs": "5 ans",
        "suppression_list": "3 ans",
        "staff_journal": "12 mois",
        "breaches": "5 ans",
        "erasure_journal": "6 ans",
        "backups": "30 jours",
        "temporary": "1 jour",
    }
    assert {key: proposed[key].replace("\N{NO-BREAK SPACE}", " ") for key in expected} == expected


def test_what_the_policy_contradicts_is_told_with_what_is_done():
    subjects = [contradiction.subject for contradiction in policy.CONTRADICTIONS]
    assert subjects == [
        "Enquêtes de satisfaction",
        "Données remises aux clients",
        "Enregistrement des appels",
        "Refus d’effacer",
        "Forme de la société",
    ]
    assert all(contradiction.said and contradiction.applied for contradiction in policy.CONTRADICTIONS)
