from django.template import Library

from interventions.places import SIGNS
from interventions.problems import Problem

register = Library()


@register.filter
def sign(problem: Problem) -> str:
    """The icon's name: ``{% icon problem|sign %}``."""
    return SIGNS[problem.code]
