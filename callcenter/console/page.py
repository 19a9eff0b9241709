from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import SignedInRequest
from callcenter.board import read_board
from privacy import journal


def console_page(
    request: SignedInRequest,
    template: str,
    context: dict[str, Any],
    *,
    shows: Iterable[Model | None] = (),
    status: int = 200,
) -> HttpResponse:
    """
    A page of the console: its sheet beside the board. One `now` for the whole page.

    Whose record it `shows` is told to the staff journal, with the call that the agent is on.
    """
    now = context.setdefault("now", timezone.now())
    board = read_board(request.user, now=now)
    why = {"call": board.my_call.pk} if board.my_call else {}
    journal.record_reads(shows, by=request.user, now=now, **why)
    return render(request, template, {"board": board, **context}, status=status)
