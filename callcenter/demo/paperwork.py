"""What the history leaves behind: complaints, invoices, links, figures. And who looked at the public pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import Person
from callcenter.demo import texts
from callcenter.demo.desk import Desk
from interventions.annual_reports import freeze_due
from interventions.complaints import CLOSED_AFTER
from interventions.models import FinancialYear, Intervention, Residence, Status, Transition
from interventions.models.attestations import CHASED_AFTER
from interventions.models.interventions import WITHOUT_PROVIDER
from interventions.statistics import top_up
from privacy.navigation.choices import question_asked
from privacy.retention.due import PARIS, paris_day

COMPLAINS = 0.02
OLD_COMPLAINTS, FRESH = 12, 3  # about no intervention
ANSWERED = 0.85  # the others end by their silence
FINANCIAL_YEARS = 13
CHARGED_PROBLEMS = ("locked_out", "broken_window")
CHARGED, CHARGED_OF_OLD_A_YEAR = 0.35, 3
OPENED_AFTER = timedelta(minutes=2)
ATTESTATIONS_SINCE, NEVER_ATTESTED = timedelta(days=30), 0.05
PURGE_RAN = timedelta(hours=1)  # what ended before it is gone
VISITS_A_PERSON, CHOICES_A_PERSON = 0.4, 0.05
PAGES = ("home", "home", "home", "privacy:policy", "login")
NETWORKS = ("192.0.2.0", "198.51.100.0", "203.0.113.0", "2001:db8:59::")  # kept for documents
ASKED_AGAIN = timedelta(days=180)
ACCEPTS, CHANGES_MIND = 0.4, 0.1


@dataclass(frozen=True)
class Bill:
    issued_on: date
    name: str
    address: str
    total: str
    person: int | None = None
    landlord: int | None = None
    intervention: int | None = None


def write_paperwork(desk: Desk, *, rng: Random) -> None:
    """All of it reads the history from the database: it must have been sent."""
    write_complaints(desk, rng)
    write_invoices(desk, rng)
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


def write_invoices(desk: Desk, rng: Random) -> None:
    """Numbered in the order of their dates, year by year, without a gap."""
    today = timezone.localdate(desk.now)
    years = FinancialYear.objects.bulk_create(
        FinancialYear(starts_on=date(year, 1, 1), closes_on=date(year, 12, 31))
        for year in range(today.year - FINANCIAL_YEARS + 1, today.year + 1)
    )
    by_year = {year.starts_on.year: year.pk for year in years}
    bills = [*landlords_bills(desk, rng, by_year, today), *old_bills(desk, rng, by_year), *charges(rng, today)]
    numbers = dict.fromkeys(by_year, 0)
    for bill in sorted(bills, key=lambda bill: bill.issued_on):
        year = bill.issued_on.year
        numbers[year] += 1
        desk.streams.invoices.add(
            *(f"{year}-{numbers[year]:06d}", by_year[year], bill.issued_on, bill.person, bill.landlord),
            *(bill.intervention, bill.name, bill.address, bill.total),
        )


def landlords_bills(desk: Desk, rng: Random, years: dict[int, int], today: date) -> Iterator[Bill]:
    """Each month's, since long before the history."""
    for year in years:
        for month in range(1, 13):
            for landlord in desk.estate.landlords:
                total = f"{rng.randint(180_000, 950_000) / 100:.2f}"
                issued_on = date(year, month, 5)
                if issued_on <= today:
                    yield Bill(
                        issued_on, landlord.name, "Service comptabilité, 59400 Cambrai", total, None, landlord.pk
                    )


def old_bills(desk: Desk, rng: Random, years: dict[int, int]) -> Iterator[Bill]:
    """A few to people, of years that have closed."""
    tenants = desk.estate.tenants
    for year in sorted(years)[:-2]:
        for _ in range(CHARGED_OF_OLD_A_YEAR):
            tenant = rng.randrange(len(tenants))
            residence = Residence.objects.get(pk=desk.building_of(tenant).pk)
            person = Person.objects.get(pk=tenants.person[tenant])
            issued_on = date(year, rng.randint(1, 12), rng.randint(1, 28))
            yield Bill(issued_on, person.full_name, residence.address, draw_charge(rng), person.pk)


def charges(rng: Random, today: date) -> Iterator[Bill]:
    """What is the tenant's own to pay."""
    done = (
        Intervention.objects.filter(problem_code__in=CHARGED_PROBLEMS, status=Status.CLOSED)
        .exclude(occupant=None)
        .select_related("occupant", "residence")
        .order_by("pk")
    )
    for intervention in done.iterator():
        assert intervention.closed_at is not None
        assert intervention.occupant is not None
        issued_on = timezone.localdate(intervention.closed_at) + timedelta(days=3)
        if rng.random() < CHARGED and issued_on <= today:
            yield Bill(
                issued_on,
                intervention.occupant.full_name,
                intervention.residence.address,
                draw_charge(rng),
                intervention.occupant_id,
                intervention=intervention.pk,
            )


def draw_charge(rng: Random) -> str:
    return f"{rng.randint(6_500, 29_000) / 100:.2f}"


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
