"""Who stands at the tenants’ door: a tenant who signed in, or somebody whom a personal link let in for one purpose."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from accounts.access import SignedInRequest
from accounts.languages import speak_to
from accounts.models import Person, User
from accounts.roles import Role
from interventions.models import Intervention, PersonalLink
from interventions.models.interventions import InterventionQuerySet
from privacy.policy import DPO_EMAIL
from privacy.restriction import Restricted, is_restricted

LINK = "personal_link"  # in the session, once the link was opened
Purpose = PersonalLink.Purpose


@dataclass(frozen=True)
class Visitor:
    """`link` is None for a tenant who signed in: all that is theirs is open to them."""

    person: Person
    link: PersonalLink | None = None

    @property
    def has_account(self) -> bool:
        return self.link is None

    def interventions(self) -> InterventionQuerySet:
        """Those this visitor may follow. Anything else is 404."""
        found = Intervention.objects.concerning(self.person)
        if self.link is not None:
            found = found.filter(personal_links=self.link)
        return found


class VisitorRequest(SignedInRequest):
    """What a view of the portal is given."""

    visitor: Visitor


View = Callable[..., HttpResponseBase]


def portal_page(*purposes: Purpose) -> Callable[[View], View]:
    """
    A view for tenants who signed in, and for who holds a living link for one of `purposes`.

    Anyone else who is signed in gets 403, who is not is led to sign in. The page speaks the visitor’s language.
    """

    def decorate(view: View) -> View:
        @login_not_required
        @wraps(view)
        def guarded(request: VisitorRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            visitor = visitor_of(request, purposes)
            if visitor is None:
                return redirect_to_login(request.get_full_path())
            request.visitor = visitor
            speak_to(request, visitor.person)
            try:
                response = view(request, *args, **kwargs)
            except Restricted:
                response = set_aside(request, visitor.person)
            response["Cache-Control"] = "no-store, private"
            return response

        guarded.portal_purposes = purposes  # type: ignore[attr-defined]  # the authorization matrix reads it
        return guarded

    return decorate


tenants_only = portal_page()


def set_aside(request: HttpRequest, person: Person) -> HttpResponse:
    """Why nothing could be done, to who asked for it; of anybody else it tells nothing."""
    context = {"is_theirs": is_restricted(person), "dpo_email": DPO_EMAIL}
    return render(request, "portal/set_aside.html", context, status=403)


def visitor_of(request: HttpRequest, purposes: tuple[Purpose, ...]) -> Visitor | None:
    """A signed-in tenant comes first: a link opened earlier on the same phone narrows nothing."""
    user = request.user
    if isinstance(user, User):
        if user.role != Role.TENANT or user.person is None:
            raise PermissionDenied
        return Visitor(user.person)
    if not purposes or LINK not in request.session:
        return None
    links = PersonalLink.objects.alive(now=timezone.now()).select_related("person")
    link = links.filter(pk=request.session[LINK], purpose__in=purposes).first()
    return Visitor(link.person, link) if link else None
