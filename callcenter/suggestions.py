"""What the console suggests during a call, told with how often agents decided otherwise."""

from collections.abc import Mapping
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext_noop as _

from callcenter.models import Call
from interventions.models import Intervention
from privacy.rights import automated_decisions
from privacy.rights.automated_decisions import Suggestion, Tally, monthly


def register() -> None:
    automated_decisions.register(
        Suggestion(
            "duplicates",
            name=_("Une intervention est déjà ouverte tout près"),
            looks_at=_("les interventions ouvertes du même métier, dans le logement, l’escalier ou la résidence"),
            suggests=_("que c’est peut-être le même problème"),
            confirmed_by=_("l’agent, qui y rattache l’appel ou ouvre une autre intervention"),
            by_month=duplicates,
        ),
        Suggestion(
            "person_match",
            name=_("Qui appelle"),
            looks_at=_("le numéro qui appelle"),
            suggests=_("la ou les fiches connues sous ce numéro"),
            confirmed_by=_("l’agent, qui demande le nom"),
            by_month=matches,
        ),
    )


def duplicates(*, since: date) -> Mapping[date, Tally]:
    """Confirmed by an incident that gathers both, or by a call that joined the first."""
    shown = Intervention.objects.filter(suggested_duplicates__gt=0)
    opened = monthly(shown, at="opened_at", since=since, overruled=Q(incident=None))
    joining = Call.objects.filter(joined_duplicate=True)
    joined = monthly(joining, at="started_at", since=since, overruled=Q(pk=None))
    return {month: opened.get(month, Tally()) + joined.get(month, Tally()) for month in {*opened, *joined}}


def matches(*, since: date) -> Mapping[date, Tally]:
    suggested = Call.objects.filter(number_matched__isnull=False)
    return monthly(suggested, at="started_at", since=since, overruled=Q(number_matched=False))
