"""Small valid rows. What a test is about, it says itself."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import factory
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings
from django.db import transaction
from factory.django import DjangoModelFactory

from accounts.models import Person, Phone, User
from accounts.roles import Role
from callcenter.models import Call, Callback, LogEntry, Shift
from interventions.models import (
    AccessCode,
    Appointment,
    Complaint,
    DispatchRule,
    DraftLine,
    Dwelling,
    Equipment,
    FinancialYear,
    Hotel,
    Incident,
    Instruction,
    Intervention,
    Invoice,
    InvoiceDraft,
    InvoiceLine,
    Landlord,
    OnCallShift,
    Provider,
    Relocation,
    ReminderRule,
    Residence,
    SafetyAlert,
    Tenancy,
    TenantMessage,
    Transition,
)
from interventions.models.billing import VatRate
from interventions.models.interventions import ENDED, Status
from interventions.models.invoices import Series
from interventions.problems import Priority, Trade

NOW = datetime(2026, 3, 10, 21, 30, tzinfo=UTC)  # a Tuesday, 22:30 in Paris
TODAY = date(2026, 3, 10)
TOTP_SECRET = "JBSWY3DPEHPK3PXP"


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    family_name = factory.Sequence(lambda n: f"Personne{n}")
    given_name = "Camille"
    created_at = NOW


class PhoneFactory(DjangoModelFactory):
    class Meta:
        model = Phone

    person = factory.SubFactory(PersonFactory)
    number = factory.Sequence(lambda n: f"+336{n:08d}")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"compte{n}@exemple.example")
    full_name = factory.Sequence(lambda n: f"Agent {n}")
    role = Role.AGENT
    date_joined = NOW

    @factory.post_generation
    def address(user, create, given, **kwargs):
        if create:
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)

    @factory.post_generation
    def second_factor(user, create, given, **kwargs):
        """Whoever must have one has one: `second_factor=False` for a new account."""
        wanted = user.role != Role.TENANT if given is None else given
        if create and wanted:
            TOTP.activate(user, TOTP_SECRET)


class LandlordFactory(DjangoModelFactory):
    class Meta:
        model = Landlord

    name = factory.Sequence(lambda n: f"Bailleur {n}")
    code = factory.Sequence(lambda n: f"bailleur-{n}")
    contract_from_on = date(2020, 1, 1)


class ResidenceFactory(DjangoModelFactory):
    class Meta:
        model = Residence

    landlord = factory.SubFactory(LandlordFactory)
    reference = factory.Sequence(lambda n: f"RES{n}")
    name = factory.Sequence(lambda n: f"Résidence {n}")
    street = "12 rue Gambetta"
    postcode = "59400"
    city = "Cambrai"


class AccessCodeFactory(DjangoModelFactory):
    class Meta:
        model = AccessCode

    residence = factory.SubFactory(ResidenceFactory)
    label = "Digicode"
    code = "12A34"


class DwellingFactory(DjangoModelFactory):
    class Meta:
        model = Dwelling

    residence = factory.SubFactory(ResidenceFactory)
    reference = factory.Sequence(lambda n: f"LOG{n}")


class EquipmentFactory(DjangoModelFactory):
    class Meta:
        model = Equipment

    residence = factory.SubFactory(ResidenceFactory)
    kind = Equipment.Kind.LIFT
    label = factory.Sequence(lambda n: f"Ascenseur {n}")


class TenancyFactory(DjangoModelFactory):
    class Meta:
        model = Tenancy

    person = factory.SubFactory(PersonFactory)
    dwelling = factory.SubFactory(DwellingFactory)
    landlord = factory.SelfAttribute("dwelling.residence.landlord")
    reference = factory.Sequence(lambda n: f"LOC{n}")
    since_on = date(2022, 1, 1)


class ProviderFactory(DjangoModelFactory):
    class Meta:
        model = Provider

    name = factory.Sequence(lambda n: f"Prestataire {n}")
    trades = [Trade.PLUMBING]
    number = "+33327000001"


class HotelFactory(DjangoModelFactory):
    class Meta:
        model = Hotel

    name = factory.Sequence(lambda n: f"Hôtel {n}")
    address = "2 place de la Gare, 59400 Cambrai"
    number = "+33327000002"


class RelocationFactory(DjangoModelFactory):
    """One night, from the evening of TODAY, which waits for a supervisor."""

    class Meta:
        model = Relocation

    intervention = factory.SubFactory("tests.factories.InterventionFactory")
    hotel = factory.SubFactory(HotelFactory)
    guests = 3
    from_on = TODAY
    until_on = TODAY + timedelta(days=1)
    needs = ["cot"]
    asked_at = NOW
    asked_by = factory.SubFactory(UserFactory)


class OnCallShiftFactory(DjangoModelFactory):
    """From six in the evening of TODAY to eight the next morning."""

    class Meta:
        model = OnCallShift

    provider = factory.SubFactory(ProviderFactory)
    trades = [Trade.PLUMBING]
    starts_at = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
    ends_at = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)


class DispatchRuleFactory(DjangoModelFactory):
    class Meta:
        model = DispatchRule

    landlord = factory.SubFactory(LandlordFactory)
    provider = factory.SubFactory(ProviderFactory)


class InstructionFactory(DjangoModelFactory):
    class Meta:
        model = Instruction

    landlord = factory.SubFactory(LandlordFactory)
    action = Instruction.Action.SEND_NOW
    on_site_minutes = 90


class SafetyAlertFactory(DjangoModelFactory):
    class Meta:
        model = SafetyAlert

    residence = factory.SubFactory(ResidenceFactory)
    kind = SafetyAlert.Kind.ANIMAL
    instruction = "Faire attacher le chien."
    starts_on = TODAY - timedelta(days=10)
    expires_on = TODAY + timedelta(days=10)
    raised_by = factory.SubFactory(UserFactory)


class IncidentFactory(DjangoModelFactory):
    class Meta:
        model = Incident

    residence = factory.SubFactory(ResidenceFactory)
    problem_code = "lift_down"
    opened_at = NOW
    opened_by = factory.SubFactory(UserFactory)


class InterventionFactory(DjangoModelFactory):
    class Meta:
        model = Intervention

    residence = factory.SubFactory(ResidenceFactory)
    landlord = factory.SelfAttribute("residence.landlord")
    problem_code = "leak_pipe"
    suggested_priority = Priority.NORMAL
    priority = factory.SelfAttribute("suggested_priority")
    suggested_on_site_by = NOW + timedelta(hours=72)
    on_site_by = factory.SelfAttribute("suggested_on_site_by")
    status = Status.QUALIFIED
    opened_at = NOW
    last_event_at = factory.SelfAttribute("opened_at")
    closed_at = factory.LazyAttribute(lambda row: row.opened_at if row.status in ENDED else None)


class TransitionFactory(DjangoModelFactory):
    class Meta:
        model = Transition

    intervention = factory.SubFactory(InterventionFactory)
    to_status = Status.RECEIVED
    at = NOW


class AppointmentFactory(DjangoModelFactory):
    class Meta:
        model = Appointment

    intervention = factory.SubFactory(InterventionFactory, status=Status.APPOINTMENT)
    starts_at = NOW + timedelta(hours=12)
    ends_at = factory.LazyAttribute(lambda row: row.starts_at + timedelta(hours=2))
    made_at = NOW
    made_by = factory.SubFactory(UserFactory)


class TenantMessageFactory(DjangoModelFactory):
    """From the tenant, unless it has an author."""

    class Meta:
        model = TenantMessage

    intervention = factory.SubFactory(InterventionFactory)
    person = factory.SelfAttribute("intervention.occupant")
    at = NOW
    text = "La fuite a repris."


class ComplaintFactory(DjangoModelFactory):
    class Meta:
        model = Complaint

    person = factory.SubFactory(PersonFactory)
    landlord = factory.SubFactory(LandlordFactory)
    subject = "Retard"
    opened_at = NOW
    last_exchange_at = factory.SelfAttribute("opened_at")


class CallFactory(DjangoModelFactory):
    """A call that rings."""

    class Meta:
        model = Call

    from_number = "+33612345678"
    started_at = NOW


class AnsweredCallFactory(CallFactory):
    agent = factory.SubFactory(UserFactory)
    answered_at = NOW


class CallbackFactory(DjangoModelFactory):
    class Meta:
        model = Callback

    call = factory.SubFactory(CallFactory, ended_at=NOW, outcome=Call.Outcome.MISSED)
    promised_at = NOW + timedelta(minutes=15)


class ShiftFactory(DjangoModelFactory):
    class Meta:
        model = Shift

    started_at = NOW
    opened_by = factory.SubFactory(UserFactory)


class LogEntryFactory(DjangoModelFactory):
    class Meta:
        model = LogEntry

    at = NOW
    author = factory.SubFactory(UserFactory)
    text = "Le locataire rappelle."


class FinancialYearFactory(DjangoModelFactory):
    """The year of TODAY, unless said otherwise; there is one of each."""

    class Meta:
        model = FinancialYear
        django_get_or_create = ("starts_on",)

    starts_on = date(2026, 1, 1)
    closes_on = factory.LazyAttribute(lambda year: date(year.starts_on.year, 12, 31))


class InvoiceFactory(DjangoModelFactory):
    """As issued long ago, for what is not about issuing: the next of its year, with one line of 75 € at 20 %."""

    class Meta:
        model = Invoice
        skip_postgeneration_save = True

    financial_year = factory.SubFactory(FinancialYearFactory)
    sequence = factory.LazyAttribute(lambda it: it.financial_year.invoices.filter(series=it.series).count() + 1)
    series = Series.INVOICE
    number = factory.LazyAttribute(lambda it: f"{it.series}{it.financial_year.closes_on.year}-{it.sequence:06d}")
    issued_on = factory.LazyAttribute(lambda it: min(TODAY, it.financial_year.closes_on))
    issued_at = factory.LazyAttribute(lambda it: datetime.combine(it.issued_on, time(12), UTC))
    supplied_on = factory.SelfAttribute("issued_on")
    due_on = factory.LazyAttribute(lambda it: it.issued_on + timedelta(days=30))
    billed_name = "Camille Personne"
    billed_street = "12 rue Gambetta"
    billed_postcode = "59400"
    billed_city = "Cambrai"
    seller = factory.LazyFunction(lambda: settings.COMPANY)
    line_count = 1
    net_total, vat_total, total = Decimal("75.00"), Decimal("15.00"), Decimal("90.00")

    @classmethod
    def _create(cls, model_class, *args, **fields):
        with transaction.atomic():
            invoice = super()._create(model_class, *args, **fields)
            InvoiceLine.objects.create(
                invoice=invoice,
                position=1,
                designation="Ouverture de porte",
                quantity=1,
                unit_price=invoice.net_total,
                vat=VatRate.NORMAL,
                vat_percent=20,
                net=invoice.net_total,
            )
        return invoice


class InvoiceDraftFactory(DjangoModelFactory):
    """With one line of 75 € at 20 %, ready to be issued: `lines=0` for none."""

    class Meta:
        model = InvoiceDraft
        skip_postgeneration_save = True

    billed_name = "Camille Personne"
    billed_street = "12 rue Gambetta"
    billed_postcode = "59400"
    billed_city = "Cambrai"
    supplied_on = TODAY
    prepared_at = NOW

    @factory.post_generation
    def lines(draft, create, given, **kwargs):
        for position in range(1, (1 if given is None else given) + 1):
            DraftLine.objects.create(
                draft=draft, position=position, designation="Ouverture de porte", quantity=1, unit_price=75
            )


def reminder_rules():
    """Those of the migration, which a test that empties the tables takes along."""
    for days, tone in ((27, "friendly"), (42, "firm"), (57, "last")):
        ReminderRule.objects.get_or_create(after_working_days=days, defaults={"tone": tone})
