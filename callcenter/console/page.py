from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access import SignedInRequest
from callcenter.board import read_board


def console_page(
    request: SignedInRequest, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A page of the console: its sheet beside the board. One `now` for the whole page."""
    now = context.setdefault("now", timezone.now())
    return render(request, template, {"board": read_board(request.user, now=now), **context}, status=status)
