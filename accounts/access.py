from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from accounts.roles import DESK_ROLES

View = Callable[..., HttpResponseBase]


class SignedInRequest(HttpRequest):
    """What a view that needs a login is given."""

    user: User
    htmx: HtmxDetails


def roles_only(*roles: str) -> Callable[[View], View]:
    """A view for these roles; anyone else who is signed in gets 403. (Who is not is sent to sign in.)"""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.user.role not in roles:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


desk_only = roles_only(*DESK_ROLES)

# For sensitive acts: who signed in longer ago than settings.RECENT_LOGIN says who they are once more, then goes on.
recent_login_required = reauthentication_required


def polled(view: View) -> View:
    """A view that a page asks for by itself, again and again: that keeps no session alive."""
    view.polled = True  # type: ignore[attr-defined]
    return view
