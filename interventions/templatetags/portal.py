from django.template import Library
from django.utils.translation import get_language

from interventions.models.billing import BilledLine, Unit
from interventions.places import SIGNS
from interventions.problems import Problem

register = Library()

SYMBOLS: dict[str, str] = {Unit.HOUR: "h", Unit.METRE: "m", Unit.SQUARE_METRE: "m²", Unit.KILOMETRE: "km"}


@register.filter
def sign(problem: Problem) -> str:
    """The icon's name: ``{% icon problem|sign %}``."""
    return SIGNS[problem.code]


@register.filter
def measured(line: BilledLine) -> str:
    """«2», «1,5 h»: the number alone where it is one of something."""
    number = f"{line.quantity.normalize():f}"
    if get_language() != "en":
        number = number.replace(".", ",")
    symbol = SYMBOLS.get(line.unit, "")
    return f"{number}\N{NO-BREAK SPACE}{symbol}" if symbol else number
