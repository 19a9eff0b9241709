"""What a tenant reports on the portal: one draft at a time, answered step by step, sent once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import override

from accounts.models import Person, Phone
from accounts.phones import can_receive_texts
from interventions import lifecycle, personal_links, photos
from interventions.duplicates import possible_duplicates
from interventions.models import Dwelling, Instruction, Intervention, PersonalLink, ReportDraft
from interventions.places import problems_at
from interventions.triage import Suggestion, raised_by, suggest
from privacy.outbox import absolute, send
from privacy.rights import information

DRAFT_KEPT = timedelta(hours=24)
Step = ReportDraft.Step

# A draft that was sent says nothing any more but what it became.
FORGOTTEN: dict[str, Any] = {
    "dwelling": None,
    "place": "",
    "relation": "",
    "other_name": "",
    "other_number": "",
    "other_place": "",
    "problem_code": "",
    "answers": {},
    "description": "",
    "availability": [],
    "contact_number": "",
}


class ReportError(Exception):
    """A step that was not taken."""


class Unfinished(ReportError):
    """Some question was not answered yet."""


class NotOurs(ReportError):
    """The landlord wants somebody else to be asked, whom the message names. Nothing was opened."""


class Gone(ReportError):
    """It was sent or thrown away meanwhile."""


def homes_of(person: Person, *, now: datetime) -> list[Dwelling]:
    """Where the person lives now."""
    tenancies = person.tenancies.current(on=localdate(now)).order_by("-since_on")
    return [tenancy.dwelling for tenancy in tenancies.select_related("dwelling__residence__landlord")]


@transaction.atomic
def start_draft(person: Person, *, now: datetime) -> ReportDraft:
    """The person's draft: the one that is there, or a new one."""
    Person.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)  # two clicks begin one
    waiting = ReportDraft.objects.alive(now=now).unsent().filter(person=person).first()
    return waiting or ReportDraft.objects.create(person=person, started_at=now, expires_at=now + DRAFT_KEPT)


@transaction.atomic
def answer_step(draft: ReportDraft, *, step: Step, said: Mapping[str, Any], is_done: bool = True) -> ReportDraft:
    """
    Keep what was said at one step, `is_done` or not yet. What a later step said is dropped where it no longer fits.

    Raises Gone.
    """
    current = locked(draft)
    if current.intervention_id:
        raise Gone
    asked_before = current.problem_code
    for name, value in said.items():
        setattr(current, name, value)
    done = {*current.done, *([step.value] if is_done else [])}
    if step == Step.PLACE and current.problem not in problems_at(current.place):
        current.problem_code = ""
        done -= {Step.PROBLEM}
    if current.problem_code != asked_before:
        current.answers = {}
        done -= {Step.QUESTIONS}
    current.done = [each.value for each in Step if each in done]
    current.save()
    return current


@transaction.atomic
def discard_draft(draft: ReportDraft, *, now: datetime) -> None:
    photos.remove_photos(list(draft.photos.all()), now=now)
    ReportDraft.objects.unsent().filter(pk=draft.pk).delete()


def suggestion_for(draft: ReportDraft, *, now: datetime) -> Suggestion | None:
    """What the script suggests so far; nothing before the problem is known."""
    if draft.problem is None or draft.dwelling is None:
        return None
    return suggest(draft.problem, answers=draft.answers, landlord=draft.dwelling.residence.landlord, now=now)


def advice_for(draft: ReportDraft) -> list[str]:
    """What to do at once, in French as `problems` writes it."""
    if draft.problem is None:
        return []
    raised = [question.advice_to_read for question in raised_by(draft.problem, draft.answers)]
    return [*draft.problem.advice, *filter(None, raised)]


def refer_to(suggestion: Suggestion | None) -> str:
    """To whom the landlord wants the tenant to turn instead of us, if so."""
    return suggestion.refer_to if suggestion and suggestion.action == Instruction.Action.NOT_OURS else ""


def already_reported(draft: ReportDraft) -> Intervention | None:
    """What is open for the same trade in the same dwelling, or in the common parts of the residence."""
    if draft.problem is None or draft.dwelling is None:
        return None
    here = None if draft.is_common else draft.dwelling
    if here is not None and draft.other_place:
        return None
    found = possible_duplicates(draft.problem, residence=draft.dwelling.residence, dwelling=here)
    same = (each.intervention for each in found if each.intervention.dwelling_id == (here.pk if here else None))
    return next(same, None)


@transaction.atomic
def send_report(draft: ReportDraft, *, follow_link: bool, now: datetime) -> Intervention:
    """
    Hand the report to the desk. Sent again, it is the same intervention.

    With `follow_link`, a link to follow it goes to the person's own number or address. Who is spoken for is told that
    we were given their name (GDPR article 14). Raises Unfinished, NotOurs.
    """
    current = locked(draft)
    if current.intervention is not None:
        return current.intervention
    suggestion = suggestion_for(current, now=now)
    if current.next_step or current.problem is None or current.dwelling is None or suggestion is None:
        raise Unfinished
    if name := refer_to(suggestion):
        raise NotOurs(name)
    elsewhere = current.is_common or bool(current.other_place)
    occupant = third_party(current, now=now) if current.is_for_another else current.person
    intervention = lifecycle.receive_report(
        current.problem,
        suggestion=suggestion,
        residence=current.dwelling.residence,
        dwelling=None if elsewhere else current.dwelling,
        occupant=occupant,
        reported_by=current.person,
        contact_number=current.contact_number,
        answers=current.answers,
        description=description_of(current),
        availability=current.availability,
        now=now,
    )
    if occupant != current.person:
        inform(occupant, of=intervention, at=current.other_number, now=now)
    current.photos.update(draft=None, intervention=intervention)
    ReportDraft.objects.filter(pk=current.pk).update(intervention=intervention, **FORGOTTEN)
    if follow_link and (addresses := personal_links.addresses_of(current.person)):
        personal_links.send_link(
            current.person,
            purpose=PersonalLink.Purpose.FOLLOW,
            to=addresses[0],
            intervention=intervention,
            by=None,
            now=now,
        )
    return intervention


def locked(draft: ReportDraft) -> ReportDraft:
    """The draft by itself: what a join found before the wait for the lock may be another one's by now."""
    current = ReportDraft.objects.select_for_update().filter(pk=draft.pk).first()
    if current is None:
        raise Gone
    return current


def third_party(draft: ReportDraft, *, now: datetime) -> Person:
    """
    A record for who is spoken for, by the name that was given: never one that is there already, which would tell its
    name to whoever guesses a number. The desk merges them.
    """
    person = Person.objects.create(family_name=draft.other_name, created_at=now)
    Phone.objects.create(person=person, number=draft.other_number)
    return person


def inform(person: Person, *, of: Intervention, at: str, now: datetime) -> None:
    """They are told that they were named: at once by message, or by the DPO where there is no portable."""
    information.owe(person, source=of, now=now)
    if can_receive_texts(at):
        send("named_by_another", to=at, person=person, link=absolute(reverse("privacy:policy")), now=now)
        information.mark_told(person, how=information.How.MESSAGE, by=None, now=now)


def description_of(draft: ReportDraft) -> str:
    """For the desk, so in French. Where the other person lives is known in words only."""
    where = [f"Dans un autre logement\N{NO-BREAK SPACE}: {draft.other_place}."] if draft.other_place else []
    with override(settings.LANGUAGE_CODE):
        place = f"Endroit\N{NO-BREAK SPACE}: {draft.get_place_display()}."
    return "\n".join([*where, place, *filter(None, [draft.description])])
