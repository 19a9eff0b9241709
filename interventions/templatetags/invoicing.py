from typing import Any

from django.template import Library
from django.utils import timezone

from accounts.roles import Role
from interventions.invoicing.desk.board import Board, board
from interventions.invoicing.papers import quantity

register = Library()


register.filter(quantity)


@register.simple_tag(takes_context=True)
def accounting_board(context: dict[str, Any]) -> Board | None:
    """Accounting's own home of the admin site; nobody else has one."""
    user = context["request"].user
    return board(user, now=timezone.now()) if user.role == Role.ACCOUNTING else None
