"""
The problems the desk knows, by trade, each with its short triage script.

A script only suggests (GDPR article 22): the agent reads the questions out, says the advice at once, and confirms or
overrides the priority. Texts here are read aloud, so they are written as one speaks. Tenants read them too, in their
language: they are translated where they are shown.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_noop as _


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
    MAINTENANCE = "maintenance", "Multiservices"


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
    tenant_advice: str = ""  # instead of what only makes sense from an agent's mouth

    @property
    def advice_to_read(self) -> str:
        return self.tenant_advice or self.advice


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
    _("L’eau touche-t-elle une lampe, une prise ou le tableau électrique ?"),
    EMERGENCY,
    _("Coupez le disjoncteur général si vous pouvez l’atteindre les pieds au sec. Ne touchez à rien de mouillé."),
)
FRAGILE = Question("fragile", _("Y a-t-il un nourrisson ou une personne qui a besoin d’assistance ?"), URGENT)
SOMEONE_HURT = Question(
    "hurt",
    _("Quelqu’un est-il blessé ou se sent-il mal ?"),
    EMERGENCY,
    "Raccrochez et appelez le 15 ou le 112. Je préviens aussi.",
    _("Appelez le 15 ou le 112 tout de suite."),
)

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "leak_ceiling",
        Trade.PLUMBING,
        _("Fuite d’eau par le plafond"),
        URGENT,
        (
            NEAR_ELECTRICITY,
            Question(
                "flowing",
                _("L’eau coule-t-elle sans s’arrêter ?"),
                EMERGENCY,
                _("Mettez une bassine et éloignez ce qui craint l’eau."),
            ),
            Question(
                "bulging",
                _("Le plafond gonfle-t-il ou se fissure-t-il ?"),
                EMERGENCY,
                _("Sortez de la pièce et fermez la porte."),
            ),
            Question("neighbour_told", _("Le voisin du dessus est-il prévenu ?")),
        ),
        (
            _("Coupez l’arrivée d’eau si la fuite vient de chez vous."),
            _("N’allumez pas la lumière dans la pièce mouillée."),
        ),
        "dégât des eaux inondation goutte plafond",
    ),
    Problem(
        "leak_pipe",
        Trade.PLUMBING,
        _("Fuite sur un tuyau ou un robinet"),
        NORMAL,
        (
            Question("unstoppable", _("L’eau coule-t-elle même robinet d’arrêt fermé ?"), URGENT),
            NEAR_ELECTRICITY,
        ),
        (_("Fermez le robinet d’arrêt : il est souvent sous l’évier, aux toilettes ou au compteur."),),
        "robinet tuyau joint siphon",
    ),
    Problem(
        "blocked_drain",
        Trade.PLUMBING,
        _("Évacuation ou WC bouché"),
        NORMAL,
        (
            Question(
                "overflowing", _("Est-ce que cela déborde ?"), URGENT, _("N’utilisez plus l’eau tant que c’est bouché.")
            ),
            Question("only_toilet", _("Est-ce le seul WC du logement ?"), URGENT),
        ),
        (_("Ne versez pas de produit déboucheur."),),
        "wc toilettes évier bouché refoule égout",
    ),
    Problem(
        "no_water",
        Trade.PLUMBING,
        _("Plus d’eau du tout"),
        URGENT,
        (Question("whole_building", _("Les voisins sont-ils aussi sans eau ?")), FRAGILE),
        (_("Fermez vos robinets, pour éviter un débordement au retour de l’eau."),),
        "coupure eau",
    ),
    Problem(
        "power_cut",
        Trade.ELECTRICITY,
        _("Plus de courant dans le logement"),
        URGENT,
        (
            Question("medical_device", _("Un appareil médical dépend-il du courant ?"), EMERGENCY),
            Question("whole_building", _("Les voisins sont-ils aussi sans courant ?")),
            Question("trips_again", _("Le disjoncteur saute-t-il de nouveau quand on le relève ?")),
        ),
        (_("Débranchez vos appareils avant de relever le disjoncteur."),),
        "panne électrique disjoncteur électricité",
    ),
    Problem(
        "electric_danger",
        Trade.ELECTRICITY,
        _("Étincelles, odeur de brûlé, fils à nu"),
        EMERGENCY,
        (
            Question(
                "smoke",
                _("Voyez-vous de la fumée ou des flammes ?"),
                EMERGENCY,
                _("Sortez, fermez la porte et appelez le 18 ou le 112."),
            ),
            SOMEONE_HURT,
        ),
        (_("Coupez le disjoncteur général. Ne touchez ni la prise ni les fils."),),
        "court-circuit prise brûlé électrocution",
    ),
    Problem(
        "no_heating",
        Trade.HEATING,
        _("Plus de chauffage"),
        NORMAL,
        (
            FRAGILE,
            Question("cold", _("Fait-il moins de 16 degrés dans le logement ?"), URGENT),
            Question("whole_building", _("Les voisins sont-ils aussi sans chauffage ?")),
        ),
        (_("N’utilisez ni brasero ni cuisinière pour chauffer : il y a un risque d’intoxication."),),
        "radiateur froid chaudière chaufferie",
    ),
    Problem(
        "no_hot_water",
        Trade.HOT_WATER,
        _("Plus d’eau chaude"),
        NORMAL,
        (FRAGILE, Question("whole_building", _("Les voisins sont-ils aussi sans eau chaude ?"))),
        (),
        "ballon chauffe-eau cumulus douche froide",
    ),
    Problem(
        "gas_smell",
        Trade.GAS,
        _("Odeur de gaz"),
        EMERGENCY,
        (
            Question(
                "inside",
                _("L’odeur est-elle dans votre logement ?"),
                EMERGENCY,
                _("Fermez le robinet de gaz et ouvrez les fenêtres."),
            ),
            SOMEONE_HURT,
        ),
        (
            _("Sortez, et laissez les fenêtres ouvertes."),
            _("Pas de flamme, pas d’interrupteur, pas d’ascenseur, pas de téléphone à l’intérieur."),
            _("Une fois dehors, appelez Urgence Sécurité Gaz au 0 800 47 33 33, ou le 18."),
        ),
        "gaz odeur fuite de gaz",
    ),
    Problem(
        "co_alarm",
        Trade.GAS,
        _("Détecteur de monoxyde, maux de tête près d’une chaudière"),
        EMERGENCY,
        (SOMEONE_HURT,),
        (_("Ouvrez les fenêtres, coupez l’appareil, sortez tous et appelez le 112."),),
        "monoxyde carbone co intoxication",
    ),
    Problem(
        "lift_trapped",
        Trade.LIFT,
        _("Personne bloquée dans l’ascenseur"),
        EMERGENCY,
        (
            SOMEONE_HURT,
            Question(
                "alone",
                _("La personne est-elle seule, ou a-t-elle peur ?"),
                EMERGENCY,
                "Restez en ligne avec elle.",
                _("Restez près d’elle et parlez-lui à travers la porte."),
            ),
        ),
        (_("N’essayez pas d’ouvrir les portes. L’air ne manquera pas."),),
        "ascenseur bloqué coincé",
    ),
    Problem(
        "lift_down",
        Trade.LIFT,
        _("Ascenseur en panne"),
        NORMAL,
        (
            Question("stranded", _("Quelqu’un ne peut-il plus sortir de chez lui ?"), URGENT),
            Question("only_lift", _("Est-ce le seul ascenseur de l’immeuble ?"), URGENT),
        ),
        (_("Prenez l’escalier, et ne forcez pas les portes."),),
        "ascenseur panne arrêt",
    ),
    Problem(
        "locked_out",
        Trade.LOCKS,
        _("Porte claquée ou serrure bloquée"),
        NORMAL,
        (
            Question("child_inside", _("Un enfant ou une personne dépendante est-il seul à l’intérieur ?"), EMERGENCY),
            Question(
                "stove_on", _("Quelque chose est-il resté sur le feu ?"), EMERGENCY, _("Appelez le 18 tout de suite.")
            ),
        ),
        (_("Un serrurier demandera de prouver que vous habitez là."),),
        "clé porte serrure claquée dehors",
    ),
    Problem(
        "broken_in",
        Trade.LOCKS,
        _("Porte forcée, ne ferme plus"),
        URGENT,
        (
            Question(
                "burglar_inside",
                _("Y a-t-il encore quelqu’un à l’intérieur ?"),
                EMERGENCY,
                _("N’entrez pas et appelez le 17."),
            ),
        ),
        (_("Ne touchez à rien avant le passage de la police."),),
        "cambriolage effraction porte forcée",
    ),
    Problem(
        "entrance_stuck",
        Trade.LOCKS,
        _("Porte d’entrée ou de garage bloquée"),
        NORMAL,
        (
            Question("closed", _("Les habitants ne peuvent-ils plus entrer ou sortir ?"), URGENT),
            Question("car_trapped", _("Une voiture dont on a besoin ce soir est-elle bloquée ?"), URGENT),
        ),
        (),
        "interphone digicode garage portail parking",
    ),
    Problem(
        "broken_window",
        Trade.GLAZING,
        _("Vitre cassée"),
        NORMAL,
        (
            Question(
                "may_fall",
                _("Du verre peut-il tomber sur quelqu’un ?"),
                URGENT,
                _("Éloignez les passants, ne retirez pas les morceaux."),
            ),
            Question("ground_floor", _("Peut-on entrer par cette fenêtre ?"), URGENT),
        ),
        (_("Mettez des chaussures et balayez sans toucher le verre."),),
        "fenêtre carreau vitre",
    ),
    Problem(
        "roof_leak",
        Trade.ROOF,
        _("Infiltration ou toiture abîmée"),
        NORMAL,
        (
            Question(
                "may_fall",
                _("Des tuiles ou des morceaux peuvent-ils tomber ?"),
                EMERGENCY,
                _("Éloignez tout le monde du pied du bâtiment."),
            ),
            Question("raining_in", _("Pleut-il dans le logement en ce moment ?"), URGENT),
            NEAR_ELECTRICITY,
        ),
        (),
        "toit tuile tempête infiltration",
    ),
    Problem(
        "lighting_common",
        Trade.LIGHTING,
        _("Plus de lumière dans les parties communes"),
        NORMAL,
        (
            Question(
                "stairs_dark",
                _("L’escalier est-il entièrement dans le noir ?"),
                URGENT,
                _("Tenez la rampe et prenez une lampe."),
            ),
        ),
        (),
        "éclairage hall escalier minuterie ampoule",
    ),
    Problem(
        "no_tv",
        Trade.AERIAL,
        _("Plus de télévision"),
        NORMAL,
        (Question("whole_building", _("Les voisins sont-ils aussi sans télévision ?")),),
        (_("Éteignez et rallumez le décodeur, puis relancez la recherche des chaînes."),),
        "antenne tv télé chaînes",
    ),
    Problem(
        "pests",
        Trade.PESTS,
        _("Rats, cafards, punaises, guêpes"),
        NORMAL,
        (Question("nest", _("Y a-t-il un nid près d’un passage ou d’une personne allergique ?"), URGENT),),
        (_("Ne posez pas de produit vous-même."),),
        "nuisibles cafard rat punaise guêpe frelon souris",
    ),
    Problem(
        "fire",
        Trade.SAFETY,
        _("Incendie ou fumée"),
        EMERGENCY,
        (SOMEONE_HURT,),
        (_("Sortez, fermez les portes, ne prenez pas l’ascenseur, appelez le 18 ou le 112."),),
        "feu incendie fumée",
    ),
    Problem(
        "danger_common",
        Trade.SAFETY,
        _("Danger dans les parties communes"),
        URGENT,
        (Question("may_fall", _("Quelque chose peut-il tomber ou céder ?"), EMERGENCY, _("Éloignez tout le monde.")),),
        (),
        "garde-corps balcon rampe danger",
    ),
    Problem(
        "other",
        Trade.MAINTENANCE,
        _("Autre problème"),
        NORMAL,
        (
            Question("danger", _("Quelqu’un est-il en danger en ce moment ?"), EMERGENCY, _("Éloignez tout le monde.")),
            Question("worsening", _("Est-ce que cela s’aggrave d’heure en heure ?"), URGENT),
        ),
        (),
        "autre divers petit entretien",
    ),
)

PROBLEMS_BY_CODE = {problem.code: problem for problem in PROBLEMS}


def problem_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """For forms and models: the problems under their trades."""
    return [
        (trade.label, [(problem.code, problem.label) for problem in PROBLEMS if problem.trade == trade])
        for trade in Trade
    ]
