from collections.abc import Callable
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from privacy.dashboard import dashboard, in_words, rule_names
from privacy.navigation.figures import audience
from privacy.retention.approval import NothingHalted, approve_purge
from privacy.retention.due import paris_day
from privacy.retention.purge import PurgeError, purge


class DataProtectionSite(AdminSite):
    """The admin site, whose home tells the DPO in one look whether the policy runs."""

    site_header = site_title = "SOFRATEL CAT"
    index_title = "Protection des données"

    def get_urls(self) -> list[URLResolver | URLPattern]:
        # They ask this module who is behind the door.
        from privacy import breaches_desk, register_desk
        from privacy.rights import (
            automated_decisions_desk,
            duties_desk,
            erasure_desk,
            letters_desk,
            packages_desk,
            post_mortem_desk,
            rectification_desk,
            requests_acts,
            requests_desk,
        )

        own: list[URLResolver | URLPattern] = [
            *breaches_desk.urls(self),
            *register_desk.urls(self),
            *packages_desk.urls(self),
            *duties_desk.urls(self),
            *post_mortem_desk.urls(self),
            *rectification_desk.urls(self),
            *automated_decisions_desk.urls(self),
            *requests_desk.urls(self),
            *requests_acts.urls(self),
            *letters_desk.urls(self),
            *erasure_desk.urls(self),
            path("simulation/", self.admin_view(require_POST(self.simulation)), name="purge_simulation"),
            path("audience/", self.admin_view(require_safe(self.audience)), name="audience"),
            path("accord/", self.admin_view(require_POST(self.approval)), name="purge_approval"),
        ]
        return own + super().get_urls()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        @wraps(view)
        def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if asks_the_impossible(request):
                raise Http404
            return view(request, *args, **kwargs)

        return super().admin_view(answered, cacheable)

    @login_not_required
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one door, for everybody, and it asks for the second factor."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME, reverse("admin:index")))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        from privacy.rights import standing

        if request.user.has_perm("privacy.view_legalhold"):
            now = timezone.now()
            extra_context = {
                **(extra_context or {}),
                "board": dashboard(now=now, url_of=self.url_of(request)),
                "rights": standing.numbers(standing.open_standings(today=paris_day(now))),
            }
        return super().index(request, extra_context)

    def url_of(self, request: HttpRequest) -> Callable[[str], str]:
        """The page of a model's rows, for those whom it is open to."""

        def changelist(label: str) -> str:
            model = apps.get_model(label)
            listed = self.is_registered(model) and self.get_model_admin(model).has_view_permission(request)
            return reverse(f"{self.name}:{model._meta.app_label}_{model._meta.model_name}_changelist") if listed else ""

        return changelist

    def simulation(self, request: HttpRequest) -> HttpResponse:
        """What a purge would do now: it really runs, and is rolled back."""
        refuse_unless(request, "privacy.view_receipt")
        try:
            result = purge(now=timezone.now(), commit=False)
        except PurgeError as error:
            messages.warning(request, str(error))
            return redirect("admin:index")
        names = rule_names()
        context = {
            **self.each_context(request),
            "title": "Ce qu’une purge ferait maintenant",
            "outcomes": [(outcome, names[outcome.key], in_words(outcome.blocked)) for outcome in result.outcomes],
        }
        return TemplateResponse(request, "admin/simulation.html", context)

    def audience(self, request: HttpRequest) -> HttpResponse:
        """What cookies and visits add up to."""
        refuse_unless(request, "privacy.view_audiencefigure")
        context = {
            **self.each_context(request),
            "title": "Cookies et fréquentation du site",
            "audience": audience(now=timezone.now()),
        }
        return TemplateResponse(request, "admin/audience.html", context)

    def approval(self, request: HttpRequest) -> HttpResponse:
        refuse_unless(request, "privacy.add_purgeapproval")
        try:
            approve_purge(request.POST.get("rule", ""), by=signed_in(request), now=timezone.now())
        except NothingHalted:
            messages.warning(request, "Cette règle n’attend pas d’accord.")
        else:
            messages.success(request, "Accord donné. La suppression aura lieu au prochain passage.")
        return redirect("admin:index")


def signed_in(request: HttpRequest) -> AbstractBaseUser:
    """Who is behind the door of the admin site."""
    assert isinstance(request.user, AbstractBaseUser)
    return request.user


def refuse_unless(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def asks_the_impossible(request: HttpRequest) -> bool:
    """What PostgreSQL cannot be asked: a NUL, or in a filter a number that no row can bear."""
    asked = [(name, value) for name, values in request.GET.lists() for value in values]
    return any("\0" in value or (name != SEARCH_VAR and value.isdecimal() and len(value) > 18) for name, value in asked)
