from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from interventions.landlord.api.door import Asked, Problem, api
from interventions.landlord.api.openapi import DOCUMENT
from interventions.landlord.followed import Followed, follow, with_all_that_shows
from interventions.models import Intervention, Residence, Status
from interventions.publication import publish, published_years
from privacy.retention.due import paris_day

MOST, USUAL = 100, 50
CODES = {str(status.label): status.value for status in Status}


class InstantField(forms.CharField):
    """RFC 3339, with its time zone."""

    def clean(self, value: Any) -> datetime | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            at = parse_datetime(text)
        except ValueError:
            at = None
        if at is None or timezone.is_naive(at):
            raise forms.ValidationError("Donnez un instant avec son fuseau, comme 2026-03-11T07:00:00+01:00.")
        return at


class CursorField(forms.CharField):
    def clean(self, value: Any) -> int:
        text = super().clean(value)
        try:
            after = int(urlsafe_b64decode(text.encode())) if text else 0
        except ValueError:
            after = -1
        if not 0 <= after < 2**63:
            raise forms.ValidationError("Ce curseur ne vient pas de nous.")
        return after


class PageForm(forms.Form):
    cursor = CursorField(required=False)
    limit = forms.IntegerField(required=False, min_value=1, max_value=MOST)


class InterventionsForm(PageForm):
    since = InstantField(required=False)
    until = InstantField(required=False)
    state = forms.ChoiceField(required=False, choices=[("", ""), ("open", "open"), ("ended", "ended")])


class YearForm(forms.Form):
    year = forms.IntegerField(required=False)


def read(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise Problem(422, errors={name: [str(error) for error in errors] for name, errors in form.errors.items()})
    return form.cleaned_data


def page_of(rows: list[Any], *, limit: int) -> tuple[list[Any], str | None]:
    """Rows were asked for one too many: whether there are more."""
    more = len(rows) > limit
    rows = rows[:limit]
    return rows, urlsafe_b64encode(str(rows[-1].pk).encode()).decode() if more else None


def of_landlord(asked: Asked) -> Any:
    return Intervention.objects.filter(landlord=asked.landlord).unexpired(now=asked.now)


@api
def all_interventions(asked: Asked) -> dict[str, Any]:
    """In the order in which they were opened, those opened `since` and before `until`."""
    said = read(InterventionsForm(asked.request.GET))
    limit = said["limit"] or USUAL
    found = of_landlord(asked).filter(pk__gt=said["cursor"])
    if said["since"]:
        found = found.filter(opened_at__gte=said["since"])
    if said["until"]:
        found = found.filter(opened_at__lt=said["until"])
    if said["state"]:
        found = found.filter(closed_at__isnull=said["state"] == "open")
    rows, cursor = page_of(list(with_all_that_shows(found).order_by("pk")[: limit + 1]), limit=limit)
    return {"items": [told(row) for row in follow(rows, by=None, now=asked.now)], "next_cursor": cursor}


@api
def one_intervention(asked: Asked, pk: int) -> dict[str, Any]:
    rows = follow(with_all_that_shows(of_landlord(asked).filter(pk=pk)), by=None, now=asked.now)
    if not rows:
        raise Problem(404)
    return told(rows[0])


def told(row: Followed) -> dict[str, Any]:
    return {
        "id": row.pk,
        "reference": row.reference,
        "residence": residence_told(row.residence),
        "place": row.place,
        "problem": row.problem,
        "status": CODES[row.status],
        "status_label": row.status,
        "due_at": row.due.isoformat(),
        "opened_at": row.opened_at.isoformat(),
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "steps": [{"status": CODES[label], "at": at.isoformat()} for label, at in row.times],
    }


def residence_told(residence: Residence) -> dict[str, Any]:
    return {
        "id": residence.pk,
        "reference": residence.reference,
        "name": residence.name,
        "address": residence.address,
        "sector": residence.sector,
    }


@api
def all_residences(asked: Asked) -> dict[str, Any]:
    said = read(PageForm(asked.request.GET))
    limit = said["limit"] or USUAL
    found = Residence.objects.filter(landlord=asked.landlord, pk__gt=said["cursor"]).order_by("pk")
    rows, cursor = page_of(list(found[: limit + 1]), limit=limit)
    return {"items": [residence_told(row) for row in rows], "next_cursor": cursor}


@api
def figures(asked: Asked) -> dict[str, Any]:
    """A year's published tables: what may not be published is null."""
    today = paris_day(asked.now)
    year = read(YearForm(asked.request.GET))["year"] or today.year
    if year not in published_years(asked.landlord, today=today):
        raise Problem(404)
    return publish(asked.landlord, year=year, today=today).as_json()


@api
def nothing(asked: Asked, path: str) -> dict[str, Any]:
    raise Problem(404)


@login_not_required
@require_safe
def document(request: HttpRequest) -> JsonResponse:
    return JsonResponse(DOCUMENT)
