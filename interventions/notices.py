"""
What is told to tenants, by e-mail or SMS, when something awaits them on the portal: where it is, never what it says.

Who has an account is led to it, anybody else gets a personal link to follow that one intervention.
"""

from datetime import datetime

from django.urls import reverse

from accounts.models import Person, User
from interventions.models import Complaint, Intervention, PersonalLink, Status, Transition
from interventions.personal_links import addresses_of, issue_link
from privacy import consent
from privacy.outbox import absolute, send

S = Status


def tell_of_step(intervention: Intervention, *, step: Transition, now: datetime) -> None:
    """Appointments made, changed and given up by the desk; an end that the person agreed to be asked about."""
    if step.by_id is None:
        return  # their own act, or the end of a silence
    if step.to_status == S.APPOINTMENT or (step.from_status == S.APPOINTMENT and step.to_status in GIVEN_UP):
        tell("appointment", intervention, now=now)
    elif step.to_status == S.CLOSED:
        ask_for_opinion(intervention, now=now)


GIVEN_UP = frozenset({S.ACCEPTED, S.DISPATCHED, S.CANCELLED, S.CLOSED})


def ask_for_opinion(intervention: Intervention, *, now: datetime) -> None:
    """Only with the consent to be asked: the policy also names a legitimate interest, and the stricter holds."""
    person = intervention.correspondent
    if person is not None and consent.is_given(person, purpose="surveys"):
        tell("survey", intervention, now=now)


def tell_of_message(intervention: Intervention, *, now: datetime) -> None:
    tell("new_message", intervention, now=now)


def tell_of_answer(complaint: Complaint, *, now: datetime) -> None:
    """Complaints are read in one’s account: there is nothing to lead anybody else to."""
    login = login_of(complaint.person)
    if login is not None:
        link = absolute(reverse("portal:complaint", args=[complaint.pk]))
        language = complaint.person.language
        send("answer_to_complaint", to=login.email, person=complaint.person, language=language, link=link, now=now)


def tell(kind: str, intervention: Intervention, *, now: datetime) -> None:
    """To the person the intervention is for, where they can be reached; to nobody else."""
    person = intervention.correspondent
    if person is None:
        return
    login = login_of(person)
    to = login.email if login else next(iter(addresses_of(person)), None)
    if to is None:
        return
    if login:
        path = reverse("portal:intervention", args=[intervention.pk])
    else:
        follow = PersonalLink.Purpose.FOLLOW
        token = issue_link(person, purpose=follow, intervention=intervention, by=None, now=now)
        path = reverse("portal:open_link", args=[token])
    send(kind, to=to, person=person, language=person.language, link=absolute(path), now=now)


def login_of(person: Person) -> User | None:
    return User.objects.filter(person=person, is_active=True).first()
