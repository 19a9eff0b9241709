"""
The problems the desk knows, by trade, each with its short triage script.

A script only suggests (GDPR article 22): the agent reads the questions out, says the advice at once, and confirms or
overrides the priority. Texts here are read aloud, so they are written as one speaks.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices


class Trade(TextChoices):
    PLUMBING = "plumbing", "Plomberie"
    ELECTRICITY = "electricity", "Électricité"
    HEATING = "heating", "Chauffage"
    HOT_WATER = "hot_water", "Eau chaude"
    GAS = "gas", "Gaz"
    LIFT = "lift", "Ascenseur"
    LOCKS = "locks", "Serrurerie"
    GLAZING = "glazing", "Vitrerie"
    ROOF = "roof", "Toiture"
    LIGHTING = "lighting", "Éclairage"
    AERIAL = "aerial", "Antenne TV"
    PESTS = "pests", "Nuisibles"
    SAFETY = "safety", "Sécurité"


class Priority(TextChoices):
    EMERGENCY = "emergency", "Urgence"
    URGENT = "urgent", "Urgent"
    NORMAL = "normal", "Normal"


PRIORITY_ORDER = (Priority.EMERGENCY, Priority.URGENT, Priority.NORMAL)

# Without an instruction of the landlord's: when somebody should be there.
DEFAULT_TARGETS = {
    Priority.EMERGENCY: timedelta(hours=1),
    Priority.URGENT: timedelta(hours=4),
    Priority.NORMAL: timedelta(hours=72),
}


@dataclass(frozen=True)
class Question:
    """A yes-or-no question; a yes may raise the suggested priority and bring advice of its own."""

    code: str
    text: str
    raises_to: Priority | None = None
    advice: str = ""


@dataclass(frozen=True)
class Problem:
    code: str
    trade: Trade
    label: str
    priority: Priority
    questions: tuple[Question, ...] = ()
    advice: tuple[str, ...] = ()
    words: str = ""  # what callers say, so that typing it finds the problem


EMERGENCY, URGENT, NORMAL = Priority.EMERGENCY, Priority.URGENT, Priority.NORMAL

NEAR_ELECTRICITY = Question(
    "near_electricity",
    "L’eau touche-t-elle une lampe, une prise ou le tableau électrique ?",
    EMERGENCY,
    "Coupez le disjoncteur général si vous pouvez l’atteindre les pieds au sec. Ne touchez à rien de mouillé.",
)
FRAGILE = Question("fragile", "Y a-t-il un nourrisson ou une personne qui a besoin d’assistance ?", URGENT)
SOMEONE_HURT = Question(
    "hurt",
    "Quelqu’un est-il blessé ou se sent-il mal ?",
    EMERGENCY,
    "Raccrochez et appelez le 15 ou le 112. Je préviens aussi.",
)

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "leak_ceiling",
        Trade.PLUMBING,
        "Fuite d’eau par le plafond",
        URGENT,
        (
            NEAR_ELECTRICITY,
            Question(
                "flowing",
                "L’eau coule-t-elle sans s’arrêter ?",
                EMERGENCY,
                "Mettez une bassine et éloignez ce qui craint l’eau.",
            ),
            Question(
                "bulging",
                "Le plafond gonfle-t-il ou se fissure-t-il ?",
                EMERGENCY,
                "Sortez de la pièce et fermez la porte.",
            ),
            Question("neighbour_told", "Le voisin du dessus est-il prévenu ?"),
        ),
        ("Coupez l’arrivée d’eau si la fuite vient de chez vous.", "N’allumez pas la lumière dans la pièce mouillée."),
        "dégât des eaux inondation goutte plafond",
    ),
    Problem(
        "leak_pipe",
        Trade.PLUMBING,
        "Fuite sur un tuyau ou un robinet",
        NORMAL,
        (
            Question("unstoppable", "L’eau coule-t-elle même robinet d’arrêt fermé ?", URGENT),
            NEAR_ELECTRICITY,
        ),
        ("Fermez le robinet d’arrêt : il est souvent sous l’évier, aux toilettes ou au compteur.",),
        "robinet tuyau joint siphon",
    ),
    Problem(
        "blocked_drain",
        Trade.PLUMBING,
        "Évacuation ou WC bouché",
        NORMAL,
        (
            Question(
                "overflowing", "Est-ce que cela déborde ?", URGENT, "N’utilisez plus l’eau tant que c’est bouché."
            ),
            Question("only_toilet", "Est-ce le seul WC du logement ?", URGENT),
        ),
        ("Ne versez pas de produit déboucheur.",),
        "wc toilettes évier bouché refoule égout",
    ),
    Problem(
        "no_water",
        Trade.PLUMBING,
        "Plus d’eau du tout",
        URGENT,
        (Question("whole_building", "Les voisins sont-ils aussi sans eau ?"), FRAGILE),
        ("Fermez vos robinets, pour éviter un débordement au retour de l’eau.",),
        "coupure eau",
    ),
    Problem(
        "power_cut",
        Trade.ELECTRICITY,
        "Plus de courant dans le logement",
        URGENT,
        (
            Question("medical_device", "Un appareil médical dépend-il du courant ?", EMERGENCY),
            Question("whole_building", "Les voisins sont-ils aussi sans courant ?"),
            Question("trips_again", "Le disjoncteur saute-t-il de nouveau quand on le relève ?"),
        ),
        ("Débranchez vos appareils avant de relever le disjoncteur.",),
        "panne électrique disjoncteur électricité",
    ),
    Problem(
        "electric_danger",
        Trade.ELECTRICITY,
        "Étincelles, odeur de brûlé, fils à nu",
        EMERGENCY,
        (
            Question(
                "smoke",
                "Voyez-vous de la fumée ou des flammes ?",
                EMERGENCY,
                "Sortez, fermez la porte et appelez le 18 ou le 112.",
            ),
            SOMEONE_HURT,
        ),
        ("Coupez le disjoncteur général. Ne touchez ni la prise ni les fils.",),
        "court-circuit prise brûlé électrocution",
    ),
    Problem(
        "no_heating",
        Trade.HEATING,
        "Plus de chauffage",
        NORMAL,
        (
            FRAGILE,
            Question("cold", "Fait-il moins de 16 degrés dans le logement ?", URGENT),
            Question("whole_building", "Les voisins sont-ils aussi sans chauffage ?"),
        ),
        ("N’utilisez ni brasero ni cuisinière pour chauffer : il y a un risque d’intoxication.",),
        "radiateur froid chaudière chaufferie",
    ),
    Problem(
        "no_hot_water",
        Trade.HOT_WATER,
        "Plus d’eau chaude",
        NORMAL,
        (FRAGILE, Question("whole_building", "Les voisins sont-ils aussi sans eau chaude ?")),
        (),
        "ballon chauffe-eau cumulus douche froide",
    ),
    Problem(
        "gas_smell",
        Trade.GAS,
        "Odeur de gaz",
        EMERGENCY,
        (
            Question(
                "inside",
                "L’odeur est-elle dans votre logement ?",
                EMERGENCY,
                "Fermez le robinet de gaz et ouvrez les fenêtres.",
            ),
            SOMEONE_HURT,
        ),
        (
            "Sortez, et laissez les fenêtres ouvertes.",
            "Pas de flamme, pas d’interrupteur, pas d’ascenseur, pas de téléphone à l’intérieur.",
            "Une fois dehors, appelez Urgence Sécurité Gaz au 0 800 47 33 33, ou le 18.",
        ),
        "gaz odeur fuite de gaz",
    ),
    Problem(
        "co_alarm",
        Trade.GAS,
        "Détecteur de monoxyde, maux de tête près d’une chaudière",
        EMERGENCY,
        (SOMEONE_HURT,),
        ("Ouvrez les fenêtres, coupez l’appareil, sortez tous et appelez le 112.",),
        "monoxyde carbone co intoxication",
    ),
    Problem(
        "lift_trapped",
        Trade.LIFT,
        "Personne bloquée dans l’ascenseur",
        EMERGENCY,
        (
            SOMEONE_HURT,
            Question(
                "alone", "La personne est-elle seule, ou a-t-elle peur ?", EMERGENCY, "Restez en ligne avec elle."
            ),
        ),
        ("N’essayez pas d’ouvrir les portes. L’air ne manquera pas.",),
        "ascenseur bloqué coincé",
    ),
    Problem(
        "lift_down",
        Trade.LIFT,
        "Ascenseur en panne",
        NORMAL,
        (
            Question("stranded", "Quelqu’un ne peut-il plus sortir de chez lui ?", URGENT),
            Question("only_lift", "Est-ce le seul ascenseur de l’immeuble ?", URGENT),
        ),
        ("Prenez l’escalier, et ne forcez pas les portes.",),
        "ascenseur panne arrêt",
    ),
    Problem(
        "locked_out",
        Trade.LOCKS,
        "Porte claquée ou serrure bloquée",
        NORMAL,
        (
            Question("child_inside", "Un enfant ou une personne dépendante est-il seul à l’intérieur ?", EMERGENCY),
            Question("stove_on", "Quelque chose est-il resté sur le feu ?", EMERGENCY, "Appelez le 18 tout de suite."),
        ),
        ("Un serrurier demandera de prouver que vous habitez là.",),
        "clé porte serrure claquée dehors",
    ),
    Problem(
        "broken_in",
        Trade.LOCKS,
        "Porte forcée, ne ferme plus",
        URGENT,
        (
            Question(
                "burglar_inside",
                "Y a-t-il encore quelqu’un à l’intérieur ?",
                EMERGENCY,
                "N’entrez pas et appelez le 17.",
            ),
        ),
        ("Ne touchez à rien avant le passage de la police.",),
        "cambriolage effraction porte forcée",
    ),
    Problem(
        "entrance_stuck",
        Trade.LOCKS,
        "Porte d’entrée ou de garage bloquée",
        NORMAL,
        (
            Question("closed", "Les habitants ne peuvent-ils plus entrer ou sortir ?", URGENT),
            Question("car_trapped", "Une voiture dont on a besoin ce soir est-elle bloquée ?", URGENT),
        ),
        (),
        "interphone digicode garage portail parking",
    ),
    Problem(
        "broken_window",
        Trade.GLAZING,
        "Vitre cassée",
        NORMAL,
        (
            Question(
                "may_fall",
                "Du verre peut-il tomber sur quelqu’un ?",
                URGENT,
                "Éloignez les passants, ne retirez pas les morceaux.",
            ),
            Question("ground_floor", "Peut-on entrer par cette fenêtre ?", URGENT),
        ),
        ("Mettez des chaussures et balayez sans toucher le verre.",),
        "fenêtre carreau vitre",
    ),
    Problem(
        "roof_leak",
        Trade.ROOF,
        "Infiltration ou toiture abîmée",
        NORMAL,
        (
            Question(
                "may_fall",
                "Des tuiles ou des morceaux peuvent-ils tomber ?",
                EMERGENCY,
                "Éloignez tout le monde du pied du bâtiment.",
            ),
            Question("raining_in", "Pleut-il dans le logement en ce moment ?", URGENT),
            NEAR_ELECTRICITY,
        ),
        (),
        "toit tuile tempête infiltration",
    ),
    Problem(
        "lighting_common",
        Trade.LIGHTING,
        "Plus de lumière dans les parties communes",
        NORMAL,
        (
            Question(
                "stairs_dark",
                "L’escalier est-il entièrement dans le noir ?",
                URGENT,
                "Tenez la rampe et prenez une lampe.",
            ),
        ),
        (),
        "éclairage hall escalier minuterie ampoule",
    ),
    Problem(
        "no_tv",
        Trade.AERIAL,
        "Plus de télévision",
        NORMAL,
        (Question("whole_building", "Les voisins sont-ils aussi sans télévision ?"),),
        ("Éteignez et rallumez le décodeur, puis relancez la recherche des chaînes.",),
        "antenne tv télé chaînes",
    ),
    Problem(
        "pests",
        Trade.PESTS,
        "Rats, cafards, punaises, guêpes",
        NORMAL,
        (Question("nest", "Y a-t-il un nid près d’un passage ou d’une personne allergique ?", URGENT),),
        ("Ne posez pas de produit vous-même.",),
        "nuisibles cafard rat punaise guêpe frelon souris",
    ),
    Problem(
        "fire",
        Trade.SAFETY,
        "Incendie ou fumée",
        EMERGENCY,
        (SOMEONE_HURT,),
        ("Sortez, fermez les portes, ne prenez pas l’ascenseur, appelez le 18 ou le 112.",),
        "feu incendie fumée",
    ),
    Problem(
        "danger_common",
        Trade.SAFETY,
        "Danger dans les parties communes",
        URGENT,
        (Question("may_fall", "Quelque chose peut-il tomber ou céder ?", EMERGENCY, "Éloignez tout le monde."),),
        (),
        "garde-corps balcon rampe danger",
    ),
)

PROBLEMS_BY_CODE = {problem.code: problem for problem in PROBLEMS}


def problem_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For forms and models: the problems under their trades."""
    return [
        (trade.label, [(problem.code, problem.label) for problem in PROBLEMS if problem.trade == trade])
        for trade in Trade
    ]
