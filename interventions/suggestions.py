"""What the script and a landlord's instructions suggest for an intervention, told with how often agents departed."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_noop as _

from interventions.lifecycle import APPOINTMENT_MADE, NEW_PROMISE
from interventions.models import Instruction, Intervention, Status, Transition
from privacy.rights import automated_decisions
from privacy.rights.automated_decisions import Reviewable, Suggestion, Tally, monthly

PRIORITY = "priority"
# A later promise says nothing of what an agent thought of the first.
OVERRULED = ~Q(override_reason__in=["", APPOINTMENT_MADE, NEW_PROMISE])


def register() -> None:
    automated_decisions.register(
        Suggestion(
            PRIORITY,
            name=_("La priorité d’une intervention, et le délai"),
            looks_at=_("le problème, les réponses oui ou non au questionnaire, les consignes du bailleur et l’heure"),
            suggests=_("une priorité et une heure au plus tard"),
            confirmed_by=_("l’agent qui ouvre l’intervention, ou qui lit le signalement du portail"),
            by_month=priorities,
            reviewable=open_interventions,
        ),
        Suggestion(
            "referral",
            name=_("S’adresser à quelqu’un d’autre que nous"),
            looks_at=_("le problème et les consignes du bailleur"),
            suggests=_("de s’adresser au service que le bailleur a désigné"),
            confirmed_by=_("l’agent au téléphone ; sur le portail, la personne, qui peut nous appeler"),
            by_month=referrals,
        ),
    )


def priorities(*, since: date) -> Mapping[date, Tally]:
    decided = Intervention.objects.exclude(status=Status.RECEIVED)
    return monthly(decided, at="opened_at", since=since, overruled=OVERRULED)


def referrals(*, since: date) -> Mapping[date, Tally]:
    """Overruled is one that was opened all the same."""
    refused = Transition.objects.filter(intervention=OuterRef("pk"), to_status=Status.REFUSED)
    suggested = Intervention.objects.filter(suggested_action=Instruction.Action.NOT_OURS)
    return monthly(suggested, at="opened_at", since=since, overruled=~Exists(refused))


def open_interventions(people: Collection[int]) -> Iterator[Reviewable]:
    """Those that are theirs to answer for: who only reported one for somebody else has no say in it."""
    theirs = Q(occupant__in=people) | Q(occupant=None, reported_by__in=people)
    for intervention in Intervention.objects.open().filter(theirs).order_by("-opened_at"):
        yield Reviewable(
            intervention.pk,
            f"{intervention.reference}, {intervention.problem.label.lower()}",
            suggested=intervention.get_suggested_priority_display(),
            decided=intervention.get_priority_display(),
        )
