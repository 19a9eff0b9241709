"""What the history leaves behind: complaints, invoices, links, figures. And who looked at the public pages."""

from datetime import datetime, time, timedelta
from random import Random
from uuid import UUID

from callcenter.demo import texts
from callcenter.demo.bills import write_bills
from callcenter.demo.desk import Desk
from interventions.annual_reports import freeze_due
from interventions.complaints import CLOSED_AFTER
from interventions.models import Intervention, Status, Transition
from interventions.models.attestations import CHASED_AFTER
from interventions.models.interventions import WITHOUT_PROVIDER
from interventions.statistics import top_up
from privacy.navigation.choices import question_asked
from privacy.retention.due import PARIS, paris_day

COMPLAINS = 0.02
OLD_COMPLAINTS, FRESH = 12, 3  # about no intervention
ANSWERED = 0.85  # the others end by their silence
OPENED_AFTER = timedelta(minutes=2)
ATTESTATIONS_SINCE, NEVER_ATTESTED = timedelta(days=30), 0.05
PURGE_RAN = timedelta(hours=1)  # what ended before it is gone
VISITS_A_PERSON, CHOICES_A_PERSON = 0.4, 0.05
PAGES = ("home", "home", "home", "privacy:policy", "login")
NETWORKS = ("192.0.2.0", "198.51.100.0", "203.0.113.0", "2001:db8:59::")  # kept for documents
ASKED_AGAIN = timedelta(days=180)
ACCEPTS, CHANGES_MIND = 0.4, 0.1


def write_paperwork(desk: Desk, *, rng: Random, tenant: int | None) -> None:
    """All of it reads the history from the database: it must have been sent."""
    write_complaints(desk, rng)
    write_bills(desk, Random(f"{rng.random()} bills"), tenant=tenant)
    write_links(desk, rng)
    write_attestations(desk, Random(f"{rng.random()} attestations"))
    top_up()
    freeze_due(now=desk.now)
    write_navigation(desk, rng)


def write_complaints(desk: Desk, rng: Random) -> None:
    ended = Intervention.objects.exclude(closed_at=None).exclude(occupant=None).order_by("pk")
    for pk, person, landlord, closed_at in ended.values_list("pk", "occupant", "landlord", "closed_at").iterator():
        if closed_at and rng.random() < COMPLAINS:
            at = closed_at + timedelta(days=rng.uniform(1, 20))
            write_complaint(desk, rng, person=person, landlord=landlord, intervention=pk, at=at)
    days_ago = [*(rng.uniform(490, 700) for _ in range(OLD_COMPLAINTS)), *(rng.uniform(0.1, 2) for _ in range(FRESH))]
    for days in days_ago:
        tenant = rng.randrange(len(desk.estate.tenants))
        landlord = desk.estate.landlords[desk.building_of(tenant).landlord].pk
        person = desk.estate.tenants.person[tenant]
        at = desk.now - timedelta(days=days)
        write_complaint(desk, rng, person=person, landlord=landlord, intervention=None, at=at)


def write_complaint(
    desk: Desk, rng: Random, *, person: int, landlord: int, intervention: int | None, at: datetime
) -> None:
    if at > desk.now:
        return
    supervisor = rng.choice(desk.staff.supervisors)
    acknowledged_at = at + timedelta(days=rng.uniform(0.2, 5))
    answered_at = acknowledged_at + timedelta(days=rng.uniform(2, 25))
    exchanges = [
        (at, None, rng.choice(texts.COMPLAINTS)),
        (acknowledged_at, supervisor, rng.choice(texts.ON_COMPLAINT)),
    ]
    if rng.random() < ANSWERED:
        exchanges.append((answered_at, supervisor, rng.choice(texts.COMPLAINT_ANSWERS)))
    said = [exchange for exchange in exchanges if exchange[0] <= desk.now]
    last = said[-1][0]
    ended_at = last if len(said) == 3 else last + CLOSED_AFTER
    subject = rng.choice(texts.COMPLAINT_SUBJECTS)
    complaint = desk.streams.complaints.add(
        landlord, person, intervention, subject, at, last, ended_at if ended_at <= desk.now else None
    )
    for moment, author, text in said:
        desk.streams.complaint_messages.add(complaint, author, moment, text)


def write_links(desk: Desk, rng: Random) -> None:
    """Alive where somebody has the job, dead where it has just ended. Nobody knows what these are the hashes of."""
    sent = Intervention.objects.exclude(provider=None)
    alive = sent.exclude(status__in=WITHOUT_PROVIDER)
    just_ended = sent.filter(closed_at__gt=desk.now - PURGE_RAN)
    for intervention in (alive | just_ended).order_by("pk"):
        dispatched_at = (
            Transition.objects.filter(intervention=intervention, to_status=Status.DISPATCHED).latest("at").at
        )
        answered = intervention.status != Status.DISPATCHED
        desk.streams.links.add(
            intervention.pk,
            intervention.provider_id,
            f"{rng.getrandbits(256):064x}",
            dispatched_at,
            dispatched_at + OPENED_AFTER if answered else None,
            intervention.last_event_at if answered else None,
            4 if answered else 0,
            intervention.closed_at,
        )


def write_attestations(desk: Desk, rng: Random) -> None:
    """Of the last weeks' jobs: most providers attest within days, some are chased, a few are still missing."""
    ended = Intervention.objects.filter(closed_at__gt=desk.now - ATTESTATIONS_SINCE).exclude(provider=None)
    for intervention in ended.order_by("pk"):
        assert intervention.closed_at is not None
        said_at = intervention.closed_at + timedelta(hours=rng.randint(1, 9 * 24))
        is_attested = said_at <= desk.now and rng.random() >= NEVER_ATTESTED
        attested_at = said_at if is_attested else None
        until = attested_at or desk.now
        sent_at = [intervention.closed_at, *(intervention.closed_at + after for after in CHASED_AFTER)]
        sent_at = [at for at in sent_at if at <= until]
        desk.streams.attestations.add(
            intervention.pk,
            intervention.provider_id,
            f"{rng.getrandbits(256):064x}",
            intervention.closed_at,
            len(sent_at),
            sent_at[-1],
            intervention.opened_at + OPENED_AFTER,
            intervention.closed_at,
            4,
            attested_at,
        )


def write_navigation(desk: Desk, rng: Random) -> None:
    """Some change their mind. Whoever is counted agreed before, and not so long ago that it had been asked again."""
    people = desk.streams.people.last_pk
    span = (desk.now - desk.since).total_seconds()
    wording = question_asked().pk
    for _ in range(int(people * VISITS_A_PERSON)):
        at = desk.since + timedelta(seconds=rng.randrange(int(span)))
        agreed_on = paris_day(at - rng.random() * ASKED_AGAIN)
        desk.streams.visits.add(at, rng.choice(PAGES), rng.choice(NETWORKS), datetime.combine(agreed_on, time(), PARIS))
        desk.streams.send_when_many()
    for _ in range(int(people * CHOICES_A_PERSON)):
        key = UUID(int=rng.getrandbits(128), version=4)
        first = desk.since + timedelta(seconds=rng.randrange(int(span)))
        accepts = rng.random() < ACCEPTS
        desk.streams.choices.add(key, first, first, accepts, wording)
        later = first + rng.random() * ASKED_AGAIN
        if rng.random() < CHANGES_MIND and later < desk.now:
            desk.streams.choices.add(key, first, later, not accepts, wording)
