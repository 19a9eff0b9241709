"""
Where something is wrong, as a tenant points at it, and what goes wrong there: pictures and plain words, no trades.
"""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from interventions.problems import PROBLEMS_BY_CODE, Problem


class Place(TextChoices):
    """The value is also the name of its picture in `static/img/places.svg`."""

    KITCHEN = "kitchen", _("Cuisine")
    BATHROOM = "bathroom", _("Salle de bains")
    TOILET = "toilet", _("WC")
    LIVING_ROOM = "living_room", _("Séjour")
    BEDROOM = "bedroom", _("Chambre")
    DWELLING = "dwelling", _("Tout le logement, ou sa porte")
    STAIRS = "stairs", _("Escalier, ascenseur")
    OUTSIDE = "outside", _("Entrée, façade, parking")


# The common parts of the building, so nobody's dwelling.
COMMON_PLACES = frozenset({Place.STAIRS, Place.OUTSIDE})

# What is asked about at each place, the most frequent first. Anything else is told in the tenant's own words.
PROBLEMS_AT: dict[Place, tuple[str, ...]] = {
    Place.KITCHEN: (
        *("leak_pipe", "leak_ceiling", "blocked_drain", "no_hot_water", "no_water", "gas_smell", "electric_danger"),
        *("no_heating", "broken_window", "pests"),
    ),
    Place.BATHROOM: (
        *("leak_pipe", "leak_ceiling", "blocked_drain", "no_hot_water", "no_water", "no_heating", "electric_danger"),
        *("co_alarm", "broken_window", "pests"),
    ),
    Place.TOILET: ("blocked_drain", "leak_pipe", "leak_ceiling", "no_water", "electric_danger", "broken_window"),
    Place.LIVING_ROOM: (
        *("no_heating", "leak_ceiling", "leak_pipe", "electric_danger", "broken_window", "roof_leak", "no_tv"),
        *("co_alarm", "pests"),
    ),
    Place.BEDROOM: (
        *("no_heating", "leak_ceiling", "leak_pipe", "electric_danger", "broken_window", "roof_leak", "pests"),
    ),
    Place.DWELLING: (
        *("no_heating", "no_hot_water", "power_cut", "no_water", "locked_out", "broken_in", "gas_smell", "co_alarm"),
        *("fire", "no_tv", "pests"),
    ),
    Place.STAIRS: (
        *("lift_trapped", "lift_down", "lighting_common", "leak_ceiling", "leak_pipe", "gas_smell", "electric_danger"),
        *("fire", "danger_common", "pests"),
    ),
    Place.OUTSIDE: (
        *("entrance_stuck", "lighting_common", "danger_common", "roof_leak", "broken_window", "leak_pipe"),
        *("gas_smell", "fire", "pests"),
    ),
}
ANYTHING_ELSE = "other"

# Signs of the icon sprite.
SIGNS = {
    "leak_ceiling": "cloud-rain",
    "leak_pipe": "droplet",
    "blocked_drain": "moisture",
    "no_water": "water",
    "power_cut": "plug",
    "electric_danger": "lightning-charge",
    "no_heating": "thermometer-half",
    "no_hot_water": "cup-hot",
    "gas_smell": "cloud-haze",
    "co_alarm": "bell",
    "lift_trapped": "person-exclamation",
    "lift_down": "arrow-down-up",
    "locked_out": "key",
    "broken_in": "unlock",
    "entrance_stuck": "door-closed",
    "broken_window": "window",
    "roof_leak": "house",
    "lighting_common": "lightbulb-off",
    "no_tv": "tv",
    "pests": "bug",
    "fire": "fire",
    "danger_common": "exclamation-triangle",
    "other": "chat-left-text",
}


def problems_at(place: str) -> list[Problem]:
    return [PROBLEMS_BY_CODE[code] for code in (*PROBLEMS_AT[Place(place)], ANYTHING_ELSE)]
