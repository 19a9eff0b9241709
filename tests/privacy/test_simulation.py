"""
Fifteen months, a day at a time, and every day exactly the right rows are left.

What should be left is kept in plain dictionaries, by rules written down here from the policy's words; they know nothing
of the engine. The purge runs once a day at any hour, so that nothing is overdue by more than a run, and nothing early.
"""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Max

from accounts.models import Person
from callcenter.models import Call, FormSubmission, LogEntry, Recording
from interventions.models import (
    Complaint,
    ComplaintMessage,
    FinancialYear,
    Incident,
    Intervention,
    Invoice,
    InvoiceDocument,
    InvoiceLine,
    InvoiceReminder,
    OnlinePayment,
    Payment,
    ProviderLink,
    SafetyAlert,
    Tenancy,
    Transition,
)
from interventions.models.interventions import Status
from privacy.consent import published
from privacy.models import CookieChoice, HoldItem, JournalEntry, LegalHold, Restriction, RightsRequest, Visit
from privacy.registry import registry
from privacy.retention.purge import purge
from privacy.retention.receipts import broken_links
from privacy.wordings import CURRENT
from tests.factories import (
    NOW,
    DwellingFactory,
    InterventionFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    ShiftFactory,
    UserFactory,
)

PARIS = ZoneInfo("Europe/Paris")
HISTORY_FROM, FIRST_DAY, LAST_DAY = date(2024, 10, 1), date(2027, 1, 1), date(2028, 3, 31)
AT_MOST = (Recording, ProviderLink, CookieChoice, Visit, SafetyAlert, FormSubmission, Person)
MODELS = (
    Intervention,
    Transition,
    ProviderLink,
    Call,
    LogEntry,
    Recording,
    Incident,
    Complaint,
    ComplaintMessage,
    Invoice,
    Tenancy,
    SafetyAlert,
    Visit,
    CookieChoice,
    FormSubmission,
    JournalEntry,
    Person,
)


class Row(dict):
    """A record as somebody would note it on paper. `parents`: the rows without which it is nothing."""

    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__


class Paper:
    """What the policy promises, worked out by hand."""

    def __init__(self):
        self.rows = []
        self.known_for_good = set()  # people whose files of requests outlive the simulation
        self.held, self.restricted, self.asking = [], [], []  # holds as lists of rows; people, as often as they are

    def add(self, made, *, parents=(), people=(), **facts):
        row = Row(model=type(made), pk=made.pk, parents=[p for p in parents if p], people=set(people) - {None}, **facts)
        self.rows.append(row)
        return row

    def of(self, model):
        return [row for row in self.rows if row["model"] is model]

    def over(self, row, now):
        """Whether the row's own period has passed."""
        today = now.astimezone(PARIS).date()

        def after(clock, **period):
            return gone_from(clock, **period) <= today

        model = row["model"]
        if model is Intervention:
            if row["closings"] and row["closings"][-1][1]:
                return after(row["closings"][-1][0], months=shortest(14, row["landlord"].retention_months))
            return after(row["opened_at"], months=26)
        if model is Call:
            length = shortest(14, row["landlord"].retention_months)
            return not row["parents"] and after(row["ended_at"] or row["started_at"], months=length)
        if model is LogEntry and row.get("shift"):
            return after(row["at"], months=14)
        if model is LogEntry and row["parents"][0]["model"] is Intervention:
            about = row["parents"][0]
            closed_before = [at for at, still in about["closings"] if not still and at >= row["at"]]
            length = shortest(14, about["landlord"].retention_months)
            return any(after(at, months=length) for at in closed_before)
        if model is Recording:
            return after(row["ended_at"], months=shortest(3, row["landlord"].recording_months))
        if model is ProviderLink:
            return row["ended_at"] is not None and row["ended_at"] <= now
        if model is Incident:
            if row in self.needed:
                return False
            return after(row["closed_at"], months=14) if row["closed_at"] else after(row["opened_at"], months=26)
        if model is Complaint:
            return after(row["answered_at"], months=14) if row["answered_at"] else after(row["last_at"], months=26)
        if model is Invoice:
            return after(row["year_closes_on"], years=10)
        if model is Tenancy:
            return row["until_on"] is not None and after(row["until_on"], months=14)
        if model is SafetyAlert:
            return row["expires_on"] < today
        if model in (Visit, CookieChoice):
            return after(row["at"], months=13)
        if model is FormSubmission:
            return after(row["at"], days=1)
        if model is JournalEntry:
            return after(row["at"], months=12)
        if model is Person:
            return row["pk"] not in self.needed and after(row["created_at"], days=1)
        return False  # it goes with its parents only

    def above(self, row):
        for parent in row["parents"]:
            yield parent
            yield from self.above(parent)

    def frozen(self, row):
        up = [row, *self.above(row)]
        held = [item for hold in self.held for item in hold]
        if any(item in up or row in self.above(item) for item in held):
            return True
        concerned = set(self.restricted) | (set() if row["model"] in AT_MOST else set(self.asking))
        if not concerned:
            return False
        roots = {above for above in up if not above["parents"]}
        about = [other for other in self.rows if concerned & other["people"]]
        return any(roots & {other, *self.above(other)} for other in about)

    def purge(self, now):
        """Cross out what goes today, then what nobody needs any more."""
        while True:
            self.needed = {*self.known_for_good}
            for row in self.rows:
                if row["model"] is not Person:
                    self.needed |= {*row["people"], *row.get("keeps", ())}
            out = {row for row in self.rows if self.over(row, now) and not self.frozen(row)}
            if not out:
                return
            while more := {row for row in self.rows if row not in out and any(p in out for p in row["parents"])}:
                out |= more
            self.rows = [row for row in self.rows if row not in out]


@cache
def gone_from(clock, **period):
    """So long after the day of the clock in Paris; a date counts until its end."""
    first = clock.astimezone(PARIS).date() if isinstance(clock, datetime) else clock + timedelta(days=1)
    return first + relativedelta(**period)


def shortest(months, contract):
    return min(months, contract) if contract else months


class Life:
    """What happens at the desk, noted in the database and on paper."""

    def __init__(self, seed):
        self.chance = Random(seed)
        self.paper = Paper()
        self.user, self.other_user = UserFactory(), UserFactory()
        self.landlords = [
            LandlordFactory(retention_months=months, recording_months=recording)
            for months, recording in [(None, None), (6, 1), (36, 12), (None, 2)]
        ]
        self.residences = [ResidenceFactory(landlord=landlord) for landlord in self.landlords]
        self.dwellings = [DwellingFactory(residence=residence) for residence in self.residences]
        self.provider, self.shift = ProviderFactory(), ShiftFactory()
        self.wording = published(CURRENT["cookies"])
        self.years = [
            FinancialYear.objects.create(starts_on=starts_on, closes_on=closes_on)
            for starts_on, closes_on in [(date(2016, 7, 1), date(2017, 6, 30)), (date(2024, 1, 1), date(2024, 12, 31))]
        ]
        self.count = 0
        self.holds, self.frozen = [], []  # the oldest first

    def happens(self, share):
        return self.chance.random() < share

    def moment(self, day):
        """Any second of the day, midnights and the hours of the clock changes more often than others."""
        at = self.chance.choice(
            [time(0, 0), time(23, 59, 59), time(2, 30), time(0, 30), time(22, 30), None, None, None]
        )
        if at is None:
            second = self.chance.randrange(86_400)
            at = time(second // 3600, second // 60 % 60, second % 60)
        return datetime.combine(day, at, PARIS).astimezone(UTC)

    def person(self, now):
        known = self.paper.of(Person)
        if known and self.happens(0.3):
            return Person.objects.get(pk=self.chance.choice(known)["pk"])
        made = PersonFactory(created_at=now)
        self.paper.add(made, people=[made.pk], created_at=now)
        return made

    def some(self, model, share):
        return [row for row in self.paper.of(model) if self.happens(share)]

    # What a day may bring

    def open_intervention(self, now):
        where = self.chance.randrange(len(self.landlords))
        occupant = self.person(now) if self.happens(0.8) else None
        reporter = self.person(now) if self.happens(0.4) else None
        incident = self.chance.choice([*self.paper.of(Incident), None]) if self.happens(0.3) else None
        made = InterventionFactory(
            residence=self.residences[where],
            occupant=occupant,
            reported_by=reporter,
            incident_id=incident and incident["pk"],
            opened_at=now,
        )
        row = self.paper.add(
            made,
            people=[occupant and occupant.pk, reporter and reporter.pk],
            landlord=self.landlords[where],
            opened_at=now,
            closings=[],
            closes=self.happens(0.9),
            keeps=[incident],
        )
        self.step(row, Status.RECEIVED, now)
        if self.happens(0.6):
            self.call(now, about=row)
        if self.happens(0.5):
            self.link(row, now)
        return row

    def step(self, row, status, now):
        made = Transition.objects.create(intervention_id=row["pk"], to_status=status, at=now)
        self.paper.add(made, parents=[row])

    def close(self, row, now):
        Intervention.objects.filter(pk=row["pk"]).update(closed_at=now, status=Status.CLOSED)
        row["closings"].append((now, True))
        self.step(row, Status.CLOSED, now)
        ProviderLink.objects.filter(intervention=row["pk"], ended_at=None).update(ended_at=now)
        for link in self.paper.of(ProviderLink):
            if row in link["parents"] and link["ended_at"] is None:
                link["ended_at"] = now

    def reopen(self, row, now):
        Intervention.objects.filter(pk=row["pk"]).update(closed_at=None, status=Status.REOPENED)
        row["closings"] = [(at, False) for at, _ in row["closings"]]
        self.step(row, Status.REOPENED, now)

    def is_open(self, row):
        return not (row["closings"] and row["closings"][-1][1])

    def link(self, row, now):
        self.count += 1
        made = ProviderLink.objects.create(
            intervention_id=row["pk"], provider=self.provider, token_hash=f"{self.count:064}", created_at=now
        )
        self.paper.add(made, parents=[row], ended_at=None)

    def call(self, now, *, about=None):
        landlord = about["landlord"] if about else self.chance.choice(self.landlords)
        caller = self.person(now) if self.happens(0.7) else None
        ended_at = None if self.happens(0.1) else now + timedelta(minutes=4)
        made = Call.objects.create(
            caller=caller,
            landlord=landlord,
            intervention_id=about and about["pk"],
            started_at=now,
            ended_at=ended_at,
            outcome=Call.Outcome.INFORMATION,
            recording_answer=Call.RecordingAnswer.ACCEPTED,
            recording_answered_at=now,
        )
        people = [caller and caller.pk]
        row = self.paper.add(made, parents=[about], people=people, landlord=landlord, started_at=now, ended_at=ended_at)
        if self.happens(0.5):
            self.entry(now, call=row)
        if ended_at and self.happens(0.5):
            self.count += 1
            recording = Recording.objects.create(
                call=made,
                file=f"recordings/{self.count}",
                ended_at=ended_at,
                stored_at=ended_at,
                content_type=Recording.Format.WAV,
                size=1,
                sha256="0" * 64,
            )
            self.paper.add(recording, parents=[row], ended_at=ended_at, landlord=landlord)

    def entry(self, now, *, strikes=None, **subject):
        ((name, row),) = subject.items() if subject else (("shift", None),)
        made = LogEntry.objects.create(
            **{f"{name}_id": row["pk"] if row else self.shift.pk},
            at=now,
            author=self.user,
            kind=LogEntry.Kind.CORRECTION if strikes else LogEntry.Kind.NOTE,
            strikes_id=strikes and strikes["pk"],
            text="Le locataire rappelle.",
        )
        return self.paper.add(made, parents=[row, strikes], at=now, shift=row is None)

    def incident(self, now):
        closed_at = now + timedelta(hours=5) if self.happens(0.8) else None
        made = Incident.objects.create(
            residence=ResidenceFactory(landlord=self.landlords[0]),
            problem_code="lift_down",
            opened_at=now,
            opened_by=self.user,
            closed_at=closed_at,
        )
        row = self.paper.add(made, opened_at=now, closed_at=closed_at)
        self.entry(now, incident=row)

    def complaint(self, now):
        author = self.person(now)
        about = self.chance.choice([*self.paper.of(Intervention), None])
        answered_at = now + timedelta(days=9) if self.happens(0.7) else None
        made = Complaint.objects.create(
            landlord=self.landlords[0],
            person=author,
            intervention_id=about and about["pk"],
            subject="Bruit",
            opened_at=now,
            last_exchange_at=now,
            answered_at=answered_at,
        )
        row = self.paper.add(made, people=[author.pk], answered_at=answered_at, last_at=now)
        self.paper.add(ComplaintMessage.objects.create(complaint=made, at=now, text="Toujours rien."), parents=[row])

    def invoice(self, now):
        payer, year = self.person(now), self.chance.choice(self.years)
        about = self.chance.choice([*self.paper.of(Intervention), None])
        made = InvoiceFactory(
            financial_year=year,
            issued_on=year.closes_on,
            sequence=(year.invoices.aggregate(last=Max("sequence"))["last"] or 0) + 1,
            person=payer,
            intervention_id=about and about["pk"],
        )
        with connection.cursor() as cursor:  # as at the end of the transaction that issues
            cursor.execute("SET CONSTRAINTS invoice_adds_up IMMEDIATE; SET CONSTRAINTS invoice_adds_up DEFERRED")
        self.paper.add(made, people=[payer.pk], year_closes_on=year.closes_on)

    def tenancy(self, now):
        tenant, until_on = self.person(now), self.chance.choice([None, now.date(), date(2026, 12, 31)])
        self.count += 1
        made = Tenancy.objects.create(
            person=tenant,
            dwelling=self.dwellings[0],
            landlord=self.landlords[0],
            reference=f"LOC-{self.count}",
            since_on=date(2020, 1, 1),
            until_on=until_on,
        )
        self.paper.add(made, people=[tenant.pk], until_on=until_on)

    def alert(self, now):
        about, expires_on = self.person(now), now.date() + timedelta(days=self.chance.randrange(1, 60))
        made = SafetyAlert.objects.create(
            person=about,
            kind=SafetyAlert.Kind.ANIMAL,
            instruction="Faire attacher le chien.",
            starts_on=now.date(),
            expires_on=expires_on,
            raised_by=self.user,
        )
        self.paper.add(made, people=[about.pk], expires_on=expires_on)

    def browse(self, now):
        self.count += 1
        key = UUID(int=self.count)
        visit = Visit.objects.create(at=now + timedelta(days=160), page="home", first_deposit_at=now)
        self.paper.add(visit, at=now)
        # They answered again since, and came back later: neither moves anything.
        choice = CookieChoice.objects.create(
            key=key,
            first_deposit_at=now,
            chosen_at=now + timedelta(days=150),
            audience=True,
            wording=self.wording,
        )
        self.paper.add(choice, at=now)
        self.paper.add(FormSubmission.objects.create(key=key, user=self.user, at=now), at=now)
        seen = JournalEntry.objects.create(at=now, actor=self.user, action="seen", model="x.X", object_id=1)
        self.paper.add(seen, at=now)

    def hold(self, now):
        items = self.chance.sample(self.paper.rows, 2)
        hold = LegalHold.objects.create(
            ground="Litige",
            opened_by=self.user,
            opened_at=now,
            approved_by=self.other_user,
            approved_at=now,
            review_on=now.date() + timedelta(days=100),
        )
        numbered = [row for row in items if isinstance(row["pk"], int)]
        HoldItem.objects.bulk_create(
            HoldItem(hold=hold, model=row["model"]._meta.label, object_id=row["pk"]) for row in numbered
        )
        self.paper.held.append(numbered)
        self.holds.append((hold, numbered))

    def release(self, now):
        hold, items = self.holds.pop(0)
        LegalHold.objects.filter(pk=hold.pk).update(released_at=now)
        self.paper.held = [held for held in self.paper.held if held is not items]

    def freeze(self, model, people, now):
        who = Person.objects.get(pk=self.chance.choice(self.paper.of(Person))["pk"])  # who has been here for a while
        facts = (
            {"reason": Restriction.Reason.ACCURACY, "started_at": now, "started_by": self.user}
            if model is Restriction
            else {"right": RightsRequest.Right.ACCESS, "received_on": now.date()}
        )
        made = model.objects.create(person=who, **facts)
        self.paper.known_for_good |= {who.pk}
        people.append(who.pk)
        self.frozen.append((made, people, who.pk))

    def thaw(self, now):
        made, people, who = self.frozen.pop(0)
        ends = (
            {"told_at": now, "lifted_at": now}
            if isinstance(made, Restriction)
            else {"answered_at": now, "decided_at": now, "outcome": "granted"}
        )
        type(made).objects.filter(pk=made.pk).update(**ends)
        people.remove(who)

    def day(self, day, *, pace):
        now = self.moment(day)
        for act, share in (
            (self.open_intervention, 0.35),
            (self.call, 0.35),
            (self.incident, 0.15),
            (self.complaint, 0.08),
            (self.invoice, 0.06),
            (self.tenancy, 0.06),
            (self.alert, 0.06),
            (self.browse, 0.25),
        ):
            if self.happens(share * pace):
                act(now)
        for row in self.some(Intervention, 0.03):
            if self.is_open(row) and row["opened_at"] < now and self.happens(0.9 if row["closes"] else 0):
                self.close(row, now)
            elif not self.is_open(row) and row["closings"][-1][0] < now and self.happens(0.1):
                self.reopen(row, now)
            self.entry(now, intervention=row)
        if self.happens(0.2 * pace):
            written = self.entry(now)
            if self.happens(0.4):
                self.entry(now + timedelta(minutes=5), strikes=written)


def left_in_the_database():
    return {model: set(model._base_manager.values_list("pk", flat=True)) for model in MODELS}


# Turns of the clock, of years that close, of the leap year: there the purge runs every day.
EDGES = [
    date(2027, 3, 28),
    date(2027, 7, 1),
    date(2027, 10, 31),
    date(2028, 1, 1),
    date(2028, 2, 29),
    date(2028, 3, 26),
]


def is_near_an_edge(day):
    return any(abs(day - edge) <= timedelta(days=3) for edge in EDGES)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "share",
    [0.25, pytest.param(1, marks=pytest.mark.slow)],
    ids=["a purge on one day in four and at the edges", "a purge every day"],
)
def test_fifteen_months_day_by_day(share):
    purges = Random(share)
    life = Life(seed=20250102)
    day = HISTORY_FROM
    while day < FIRST_DAY:
        life.day(day, pace=0.3)
        day += timedelta(days=1)
    gone, skipped = Counter(), Counter()
    while day <= LAST_DAY:
        life.day(day, pace=0.7)
        for share, act in (
            (0.08, life.hold),
            (0.04, lambda now: life.freeze(Restriction, life.paper.restricted, now)),
            (0.04, lambda now: life.freeze(RightsRequest, life.paper.asking, now)),
            (0.09 if life.holds else 0, life.release),
            (0.09 if life.frozen else 0, life.thaw),
        ):
            if life.happens(share):
                act(datetime.combine(day, time(12), PARIS))
        if day.day == 17 and day.month in (4, 9):  # a contract is signed that shortens what is held already
            landlord = life.landlords[day.month // 9]
            landlord.retention_months = 12 - day.month // 3
            landlord.save()
        now = datetime.combine(day + timedelta(days=1), time(), PARIS) - timedelta(seconds=1)
        if life.happens(0.3):
            now = datetime.combine(day + timedelta(days=1), time(), PARIS)
        if day.day == 1:  # as the database does by itself, but not inside a test's one transaction
            tables = ", ".join(model._meta.db_table for model in registry.datasets)
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE {tables}")
        day += timedelta(days=1)
        if purges.random() >= share and not is_near_an_edge(day):
            continue
        result = purge(now=now, commit=True)
        life.paper.purge(now)
        expected = {model: {row["pk"] for row in life.paper.of(model)} for model in MODELS}
        found = left_in_the_database()
        for model in MODELS:
            assert found[model] == expected[model], (
                f"{now}, {model._meta.label}: early {sorted(expected[model] - found[model])}, "
                f"late {sorted(found[model] - expected[model])}"
            )
        for outcome in result.outcomes:
            gone[outcome.model] += outcome.deleted
            skipped.update({blocked.reason: blocked.count for blocked in outcome.blocked})
    # It was not a quiet time: every kind went, and was held back in every way.
    went = {model for model in MODELS if gone[model._meta.label]}
    assert went == {*MODELS} - {Transition, ComplaintMessage}  # these two go with their parents only
    assert set(skipped) == {"hold", "restriction", "open_request"}
    assert broken_links() == []


def billed(year, media, **fields):
    """An invoice with all that hangs from it, its file too."""
    invoice = InvoiceFactory(financial_year=year, person=PersonFactory(created_at=NOW), **fields)
    document = InvoiceDocument.objects.create(
        invoice=invoice, file=ContentFile(b"x", name="x"), wrapped_key=b"x", sha256="0" * 64, size=1, made_at=NOW
    )
    online = OnlinePayment.objects.create(invoice=invoice, amount=90, opened_at=NOW)
    paid = {"invoice": invoice, "received_on": invoice.issued_on, "noted_at": NOW}
    payment = Payment.objects.create(**paid, method="online", amount=90, online=online)
    Payment.objects.create(**paid, method="online", amount=-90, reverses=payment)
    InvoiceReminder.objects.create(invoice=invoice, tone="firm", after_working_days=27, reminded_at=NOW, by_post=True)
    return invoice, media / document.file.name


BOOKS = (Invoice, InvoiceLine, InvoiceDocument, Payment, OnlinePayment, InvoiceReminder)


def books_of(invoice):
    return [model.objects.filter(**{"pk" if model is Invoice else "invoice": invoice.pk}).count() for model in BOOKS]


@pytest.mark.django_db
def test_ten_years_from_the_end_of_the_financial_year(media, django_capture_on_commit_callbacks):
    year = FinancialYear.objects.create(starts_on=date(2025, 1, 1), closes_on=date(2025, 12, 31))
    (first, first_file), (last, last_file) = billed(year, media), billed(year, media)
    (held, held_file) = billed(year, media)
    agent, colleague = UserFactory(), UserFactory()
    hold = LegalHold.objects.create(
        ground="Contentieux",
        opened_by=agent,
        opened_at=NOW,
        approved_by=colleague,
        approved_at=NOW,
        review_on=date(2036, 6, 1),
    )
    HoldItem.objects.create(hold=hold, model="interventions.Invoice", object_id=held.pk)
    credit = InvoiceFactory(
        financial_year=FinancialYear.objects.create(starts_on=date(2026, 1, 1), closes_on=date(2026, 12, 31)),
        series="A",
        corrects=first,
        corrected_number=first.number,
        corrected_on=first.issued_on,
        reason="error",
    )
    new_year, whole = datetime(2036, 1, 1, tzinfo=PARIS), [1, 1, 1, 2, 1, 1]

    with django_capture_on_commit_callbacks(execute=True):
        purge(now=new_year - timedelta(seconds=1), commit=True)
    assert [books_of(invoice) for invoice in (first, last, held)] == [whole, whole, whole]
    assert first_file.exists()
    assert last_file.exists()

    with django_capture_on_commit_callbacks(execute=True):
        purge(now=new_year, commit=True)
    assert [books_of(invoice) for invoice in (first, last, held)] == [[0] * 6, [0] * 6, whole]
    assert [file.exists() for file in (first_file, last_file, held_file)] == [False, False, True]
    credit.refresh_from_db()
    assert (credit.corrects, credit.corrected_number) == (None, "F2025-000001"), "it outlives what it corrects"
    assert held.number == "F2025-000003"

    LegalHold.objects.update(released_at=new_year)
    with django_capture_on_commit_callbacks(execute=True):
        purge(now=new_year, commit=True)
    assert books_of(held) == [0] * 6
    assert not held_file.exists()
    assert Invoice.objects.get() == credit
