"""
Telling clients that an invoice awaits them, and reminding them of those that are late: where it is, never what it says.
"""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.models import Person
from accounts.roles import Role
from interventions.invoicing import payments
from interventions.models import FinancialYear, Invoice, InvoiceReminder, Landlord, ReminderRule
from interventions.models.invoices import InvoiceQuerySet
from interventions.notices import login_of
from interventions.personal_links import addresses_of
from privacy.models import Death
from privacy.outbox import absolute, send
from privacy.restriction import unrestricted
from privacy.retention.due import paris_day
from privacy.working_days import working_days_back

Tone = ReminderRule.Tone


def tell_ready(invoice: Invoice, *, now: datetime) -> None:
    """Whoever can read it here is led to it. A landlord without a login is sent the file by accounting."""
    if invoice.person is not None:
        tell_person("invoice_ready", invoice.person, now=now)
    elif invoice.landlord is not None:
        tell_managers("invoice_ready", invoice.landlord, now=now)


def remind_all(*, now: datetime) -> int:
    """
    Of each late invoice, the last step that its age has reached, once. A day missed is made up for on the next.

    A restriction suspends it, and an archived year is not looked into. Returns how many reminders were made.
    """
    today = paris_day(now)
    made = 0
    for rule in ReminderRule.objects.order_by("-after_working_days"):
        for pk in due(rule, on=today).values_list("pk", flat=True):
            made += remind(pk, rule=rule, now=now)
    return made


def due(rule: ReminderRule, *, on: date) -> InvoiceQuerySet:
    """The late invoices that have come to this rule, and had neither its reminder nor a later one."""
    late = Invoice.objects.owing().filter(due_on__lt=on, issued_on__lte=working_days_back(on, rule.after_working_days))
    reminded = InvoiceReminder.objects.filter(after_working_days__gte=rule.after_working_days)
    return unrestricted(
        late.exclude(financial_year__in=FinancialYear.objects.archived(on=on)).exclude(
            pk__in=reminded.values("invoice")
        ),
        "person",
    )


@transaction.atomic
def remind(pk: int, *, rule: ReminderRule, now: datetime) -> bool:
    """False where it was paid or reminded of meanwhile."""
    payments.locked(Invoice(pk=pk))
    invoice = due(rule, on=paris_day(now)).select_related("person", "landlord").filter(pk=pk).first()
    if invoice is None:
        return False
    told = tell(f"invoice_reminder_{rule.tone}", invoice, now=now)
    InvoiceReminder.objects.create(
        invoice=invoice,
        tone=rule.tone,
        after_working_days=rule.after_working_days,
        reminded_at=now,
        by_post=not told or rule.tone == Tone.LAST,  # a formal notice is a letter (code civil, article 1344)
    )
    return True


def tell(kind: str, invoice: Invoice, *, now: datetime) -> bool:
    """Whether there was somebody to send it to."""
    if invoice.person is not None:
        return tell_person(kind, invoice.person, now=now)
    if invoice.landlord is not None:
        return tell_managers(kind, invoice.landlord, now=now) or tell_contacts(kind, invoice.landlord, now=now)
    return False


def tell_managers(kind: str, landlord: Landlord, *, now: datetime) -> bool:
    link = absolute(reverse("landlord:invoices"))
    managers = landlord.managers.filter(role=Role.LANDLORD_MANAGER, is_active=True).order_by("pk")
    return sum(queued(kind, to=manager.email, link=link, now=now) for manager in managers) > 0


def tell_contacts(kind: str, landlord: Landlord, *, now: datetime) -> bool:
    """They have no login, so that there is no page to lead them to."""
    contacts = landlord.contacts.exclude(email="").order_by("pk")
    return sum(queued(kind, to=contact.email, now=now) for contact in contacts) > 0


def tell_person(kind: str, person: Person, *, now: datetime) -> bool:
    if Death.objects.of(person).exists():
        return False
    login = login_of(person)
    to = login.email if login else next(iter(addresses_of(person)), "")
    link = absolute(reverse("portal:invoices"))
    return queued(kind, to=to, person=person, language=person.language, link=link, now=now)


def queued(kind: str, *, to: str, now: datetime, **what: Any) -> bool:
    """False for what turns out to be no address."""
    try:
        send(kind, to=to, now=now, **what)
    except ValidationError:
        return False
    return True
