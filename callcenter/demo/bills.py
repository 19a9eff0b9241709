"""Thirteen years of invoices and credit notes, who paid them and how, and what accounting is preparing."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import Person, User
from callcenter.demo.desk import Desk
from interventions.invoicing.amounts import totals
from interventions.invoicing.preparing import for_landlord, for_tenant
from interventions.models import (
    DraftLine,
    Estimate,
    EstimateLine,
    FinancialYear,
    Intervention,
    InvoiceDraft,
    InvoiceLine,
    Landlord,
    OnlinePayment,
    Payment,
    ReminderRule,
    Residence,
    Status,
)
from interventions.models.billing import VAT_PERCENT, BilledLine, Unit, VatRate, to_the_cent
from interventions.models.invoices import CreditReason, Series
from privacy.retention.due import PARIS
from privacy.working_days import next_working_day

FINANCIAL_YEARS = 13
CHARGED_PROBLEMS = ("locked_out", "broken_window")
CHARGED, CHARGED_OF_OLD_A_YEAR = 0.35, 3
DUE_AFTER, SETTLED_AFTER = timedelta(days=30), timedelta(days=365)

Method = Payment.Method
METHODS = (Method.CARD, Method.CARD, Method.CHEQUE, Method.CHEQUE, Method.TRANSFER, Method.CASH, Method.ONLINE)
# How tenants settle a bill, in so many of a hundred.
WAYS = {"paid": 66, "partly": 8, "too_much": 3, "bounced": 4, "credited": 6, "unpaid": 13}
# And landlords, by their rank and how many months ago: in each month of lateness there is something to see.
LANDLORDS_WAYS = {
    (0, 1): "unpaid",
    (1, 2): "unpaid",
    (2, 3): "unpaid",
    (3, 4): "partly",
    (2, 5): "bounced",
    (0, 6): "too_much",
    (1, 7): "credited",
}

Line = tuple[str, str, Unit, str, VatRate]  # designation, quantity, unit, unit price before tax, VAT
DRAIN: tuple[Line, ...] = (
    ("Déplacement", "1", Unit.LUMP_SUM, "45", VatRate.INTERMEDIATE),
    ("Débouchage de la canalisation privative", "1.5", Unit.HOUR, "52.40", VatRate.INTERMEDIATE),
)
KEYS: tuple[Line, ...] = (
    ("Ouverture de porte", "1", Unit.LUMP_SUM, "89", VatRate.NORMAL),
    ("Double de clé", "2", Unit.ONE, "7.915", VatRate.NORMAL),
)
WATER_HEATER: tuple[Line, ...] = (
    ("Mitigeur thermostatique", "1", Unit.ONE, "118.50", VatRate.INTERMEDIATE),
    ("Pose et mise en service", "2", Unit.HOUR, "52.40", VatRate.INTERMEDIATE),
)
SOCKETS: tuple[Line, ...] = (("Prise supplémentaire, fournie et posée", "3", Unit.ONE, "64", VatRate.NORMAL),)
OUT_OF_CONTRACT: tuple[Line, ...] = (
    ("Interventions coordonnées hors forfait", "14", Unit.ONE, "18.75", VatRate.NORMAL),
    ("Permanence renforcée, jours fériés", "2", Unit.DAY, "310", VatRate.NORMAL),
)


@dataclass(frozen=True)
class Bill:
    issued_on: date
    made_out_to: dict[str, Any]
    lines: tuple[Line, ...]
    way: str
    supplied_on: date
    intervention: int | None = None
    attested: bool = False
    credits: int | None = None  # the primary key of the invoice
    credited_number: str = ""
    credited_on: date | None = None


def write_bills(desk: Desk, rng: Random, *, tenant: int | None) -> None:
    """Numbered in the order of their dates, year by year, without a gap; `tenant` signs in and has some of each."""
    today = timezone.localdate(desk.now)
    years = FinancialYear.objects.bulk_create(
        FinancialYear(starts_on=date(year, 1, 1), closes_on=date(year, 12, 31))
        for year in range(today.year - FINANCIAL_YEARS + 1, today.year + 1)
    )
    by_year = {year.starts_on.year: year.pk for year in years}
    bills = [
        *landlords_bills(desk, rng, by_year, today),
        *old_bills(desk, rng, by_year),
        *charges(rng, today),
        *(tenants_bills(tenant, today) if tenant else ()),
    ]
    books = Books(desk, rng, by_year)
    adds_up("DEFERRED")  # an invoice comes before its lines
    credits = [credit for bill in in_order(bills) if (credit := books.write(bill))]
    for credit in in_order(credits):
        books.write(credit)
    desk.streams.send()
    adds_up("IMMEDIATE")


def in_order(bills: Iterable[Bill]) -> list[Bill]:
    return sorted(bills, key=lambda bill: bill.issued_on)


def adds_up(when: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS invoice_adds_up {when}")


# What is billed -------------------------------------------------------------------------------------------------------


def landlords_bills(desk: Desk, rng: Random, years: Iterable[int], today: date) -> Iterator[Bill]:
    """Each month's, since long before the history."""
    days = [day for year in years for month in range(1, 13) if (day := date(year, month, 5)) < today]
    for rank, landlord in enumerate(desk.estate.landlords):
        made_out_to = for_landlord(landlord)
        for age, issued_on in enumerate(reversed(days)):
            before = issued_on - relativedelta(months=1)
            lines = (
                (f"Permanence téléphonique, {before:%m/%Y}", "1", Unit.LUMP_SUM, draw(rng, 1500, 4200), VatRate.NORMAL),
                ("Appels traités", str(rng.randint(60, 700)), Unit.ONE, "4.235", VatRate.NORMAL),
                ("Interventions coordonnées", str(rng.randint(10, 90)), Unit.ONE, "18.75", VatRate.NORMAL),
            )
            way = LANDLORDS_WAYS.get((rank, age), "paid") if age else "unpaid"
            yield Bill(issued_on, made_out_to, lines, way, supplied_on=issued_on.replace(day=1) - timedelta(days=1))


def old_bills(desk: Desk, rng: Random, years: Iterable[int]) -> Iterator[Bill]:
    """A few to people, of years that have closed."""
    tenants = desk.estate.tenants
    for year in sorted(years)[:-2]:
        for _ in range(CHARGED_OF_OLD_A_YEAR):
            tenant = rng.randrange(len(tenants))
            residence = Residence.objects.get(pk=desk.building_of(tenant).pk)
            person = Person.objects.get(pk=tenants.person[tenant])
            issued_on = date(year, rng.randint(1, 12), rng.randint(1, 28))
            made_out_to = for_tenant(person, of=Intervention(residence=residence))
            lines, way, attested = draw_charge(rng)
            yield Bill(issued_on, made_out_to, lines, way, supplied_on=issued_on, attested=attested)


def charges(rng: Random, today: date) -> Iterator[Bill]:
    """What is the tenant's own to pay."""
    done = (
        Intervention.objects.filter(problem_code__in=CHARGED_PROBLEMS, status=Status.CLOSED)
        .exclude(occupant=None)
        .select_related("occupant", "residence", "dwelling")
        .order_by("pk")
    )
    for intervention in done.iterator():
        assert intervention.closed_at is not None
        assert intervention.occupant is not None
        closed_on = timezone.localdate(intervention.closed_at)
        issued_on = closed_on + timedelta(days=3)
        if rng.random() < CHARGED and issued_on < today:
            made_out_to = for_tenant(intervention.occupant, of=intervention)
            lines, way, attested = draw_charge(rng)
            yield Bill(issued_on, made_out_to, lines, way, closed_on, intervention=intervention.pk, attested=attested)


def tenants_bills(tenant: int, today: date) -> Iterator[Bill]:
    """Of the tenant who signs in: one paid, and one that they accepted the estimate of and have not paid yet."""
    ended = drain_of(tenant)
    assert ended.occupant is not None
    made_out_to, closed_on = for_tenant(ended.occupant, of=ended), timezone.localdate(ended.closed_at)
    paid = Bill(today - timedelta(days=58), made_out_to, KEYS, "paid", supplied_on=today - timedelta(days=61))
    yield paid
    issued_on = closed_on + timedelta(days=3)
    yield replace(
        paid,
        issued_on=issued_on,
        lines=DRAIN,
        way="unpaid",
        supplied_on=closed_on,
        intervention=ended.pk,
        attested=True,
    )


def drain_of(tenant: int) -> Intervention:
    return Intervention.objects.filter(occupant=tenant, status=Status.CLOSED).latest("closed_at")


def draw_charge(rng: Random) -> tuple[tuple[Line, ...], str, bool]:
    """The lines, how they are settled, and whether the client has certified the age of the dwelling: hence the rate."""
    attested = rng.random() < 0.4
    vat = VatRate.INTERMEDIATE if attested else VatRate.NORMAL
    lines = (
        ("Déplacement", "1", Unit.LUMP_SUM, "45", vat),
        ("Main-d’œuvre", rng.choice(("0.75", "1", "1.5", "2.25")), Unit.HOUR, "52.40", vat),
        ("Fournitures", "1", Unit.LUMP_SUM, draw(rng, 8, 160), vat),
    )
    (way,) = rng.choices(list(WAYS), weights=list(WAYS.values()))
    return lines, way, attested


def draw(rng: Random, least: int, most: int) -> str:
    return f"{rng.randint(100 * least, 100 * most) / 100:.2f}"


# How it is written ----------------------------------------------------------------------------------------------------


class Books:
    def __init__(self, desk: Desk, rng: Random, years: dict[int, int]) -> None:
        self.streams, self.rng, self.years = desk.streams, rng, years
        self.today, self.accountant = timezone.localdate(desk.now), desk.staff.accountant
        self.seller = json.dumps(settings.COMPANY)
        self.rules = list(ReminderRule.objects.order_by("after_working_days"))
        self.numbers: Counter[tuple[int, Series]] = Counter()
        self.on_the_day: Counter[tuple[date, Series]] = Counter()

    def write(self, bill: Bill) -> Bill | None:
        """Its credit note, where it gets one."""
        series = Series.CREDIT_NOTE if bill.credits else Series.INVOICE
        year = bill.issued_on.year
        self.numbers[year, series] += 1
        self.on_the_day[bill.issued_on, series] += 1
        sequence = self.numbers[year, series]
        number = f"{series}{year}-{sequence:06d}"
        lines = [as_line(line) for line in bill.lines]
        sums = totals(lines)
        pk = self.streams.invoices.add(
            *(series.value, sequence, number, self.years[year], bill.issued_on),
            morning_of(bill.issued_on) + timedelta(seconds=self.on_the_day[bill.issued_on, series]),
            *(self.accountant, bill.supplied_on, bill.issued_on if bill.credits else bill.issued_on + DUE_AFTER),
            *debtor_columns(bill.made_out_to),
            *(bill.intervention, bill.credits, bill.credited_number, bill.credited_on),
            *(CreditReason.CANCELLED.value if bill.credits else "", "", ""),
            *(bill.supplied_on if bill.attested else None, self.seller, len(lines), sums.net, sums.tax, sums.total),
        )
        for position, line in enumerate(lines, start=1):
            self.streams.invoice_lines.add(
                *(pk, position, line.designation, line.quantity, line.unit, line.unit_price),
                *(line.vat, line.vat_percent, line.net),
            )
        self.streams.send_when_many()
        if bill.credits:
            return None
        credited_on = bill.issued_on + timedelta(days=self.rng.randint(3, 15))
        if bill.way == "credited" and credited_on < self.today:
            return replace(
                bill, issued_on=credited_on, credits=pk, credited_number=number, credited_on=bill.issued_on, way=""
            )
        self.settle(pk, bill, total=sums.total)
        return None

    def settle(self, invoice: int, bill: Bill, *, total: Decimal) -> None:
        way, rng = bill.way, self.rng
        if way != "too_much" and bill.issued_on < self.today - SETTLED_AFTER:
            way = "paid"
        method = Method.TRANSFER if bill.made_out_to.get("landlord") else rng.choice(METHODS)
        received_on = bill.issued_on + timedelta(days=rng.randint(2, 45))
        if received_on >= self.today:
            way = "unpaid"
        if way == "bounced":
            paid = self.pay(invoice, Method.CHEQUE, total, on=received_on)
            bounced_on = received_on + timedelta(days=6)
            if bounced_on < self.today:
                self.pay(invoice, Method.CHEQUE, -total, on=bounced_on, reverses=paid)
        elif way in ("paid", "partly", "too_much"):
            amount = {"paid": total, "partly": to_the_cent(total / 2), "too_much": total + 10}[way]
            self.pay(invoice, method, amount, on=received_on)
        if way in ("partly", "bounced", "unpaid"):
            self.remind(invoice, bill)

    def pay(self, invoice: int, method: Method, amount: Decimal, *, on: date, reverses: int | None = None) -> int:
        at, online = morning_of(on), None
        if method == Method.ONLINE:
            session = f"cs_demo_{self.rng.getrandbits(128):032x}"
            online = self.streams.online_payments.add(
                invoice, amount, session, OnlinePayment.State.PAID.value, at, at + timedelta(minutes=2)
            )
        reference = str(self.rng.randint(1_000_000, 9_999_999)) if method in (Method.CHEQUE, Method.TRANSFER) else ""
        by = None if online else self.accountant
        return self.streams.payments.add(invoice, method.value, amount, on, reference, at, by, reverses, online)

    def remind(self, invoice: int, bill: Bill) -> None:
        for rule in self.rules:
            on = working_days_after(bill.issued_on, rule.after_working_days)
            if bill.issued_on + DUE_AFTER < on < self.today:
                by_post = rule.tone == ReminderRule.Tone.LAST
                self.streams.reminders.add(invoice, rule.tone, rule.after_working_days, morning_of(on), by_post)


def as_line(line: Line) -> InvoiceLine:
    designation, quantity, unit, price, vat = line
    made = InvoiceLine(
        designation=designation,
        quantity=Decimal(quantity),
        unit=unit.value,
        unit_price=Decimal(price),
        vat=vat.value,
        vat_percent=VAT_PERCENT[vat],
    )
    made.net = made.amount
    return made


def debtor_columns(made_out_to: dict[str, Any]) -> tuple[Any, ...]:
    """In the order of the stream."""
    who = {"billed_country": "FR", "billed_siren": "", "billed_vat_number": ""} | made_out_to
    links = (who[name].pk if name in who else None for name in ("person", "landlord"))
    written = ("name", "street", "postcode", "city", "country", "siren", "vat_number")
    return (*links, *(who[f"billed_{name}"] for name in written))


def morning_of(day: date) -> datetime:
    return datetime.combine(day, time(9), PARIS)


@cache
def working_days_after(day: date, count: int) -> date:
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


# What is being prepared -----------------------------------------------------------------------------------------------


def prepare_bills(tenant: Person, landlord: Landlord, *, by: User, now: datetime) -> None:
    """An estimate that waits for the tenant, one they accepted, one a neighbour refused; and a draft."""
    day = timedelta(days=1)
    waiting = Intervention.objects.open().filter(occupant=tenant, status=Status.APPOINTMENT).latest("opened_at")
    offer(waiting, WATER_HEATER, by=by, at=now - timedelta(hours=13))
    accepted = offer(drain_of(tenant.pk), DRAIN, by=by, at=now - 8 * day + timedelta(minutes=25))
    answered_at = now - 8 * day + timedelta(minutes=55)
    answer(accepted, accepted=True, at=answered_at, attested_at=answered_at)
    power_cut = Intervention.objects.open().filter(problem_code="power_cut", status=Status.ACCEPTED).latest("opened_at")
    answer(offer(power_cut, SOCKETS, by=by, at=now - timedelta(hours=3)), accepted=False, at=now - timedelta(hours=1))
    draft = InvoiceDraft.objects.create(
        **for_landlord(landlord),
        supplied_on=timezone.localdate(now - 2 * day),
        purchase_order="BC-2481",
        prepared_at=now - 2 * day,
        prepared_by=by,
    )
    add_lines(DraftLine, OUT_OF_CONTRACT, draft=draft)


def offer(intervention: Intervention, lines: tuple[Line, ...], *, by: User, at: datetime) -> Estimate:
    assert intervention.occupant is not None
    estimate = Estimate.objects.create(
        **for_tenant(intervention.occupant, of=intervention),
        intervention=intervention,
        prepared_at=at - timedelta(minutes=10),
        prepared_by=by,
        offered_at=at,
        valid_until=timezone.localdate(at) + timedelta(days=30),
    )
    add_lines(EstimateLine, lines, estimate=estimate)
    return estimate


def answer(estimate: Estimate, *, accepted: bool, at: datetime, attested_at: datetime | None = None) -> None:
    estimate.accepted, estimate.answered_at, estimate.attested_at = accepted, at, attested_at
    estimate.save(update_fields=["accepted", "answered_at", "attested_at"])


def add_lines(model: type[BilledLine], lines: tuple[Line, ...], **of: Any) -> None:
    model._base_manager.bulk_create(
        model(**of, position=rank, designation=designation, quantity=quantity, unit=unit, unit_price=price, vat=vat)
        for rank, (designation, quantity, unit, price, vat) in enumerate(lines, start=1)
    )
