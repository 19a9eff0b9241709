"""Accounting's pages, as a person uses them: what is to bill becomes a draft, an invoice, a payment, a credit note."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from interventions.invoicing import payments
from interventions.invoicing.desk.board import no_year_from
from interventions.invoicing.estimating import state_of
from interventions.invoicing.issuing import issue
from interventions.invoicing.preparing import prepare_credit
from interventions.models import (
    DraftLine,
    Estimate,
    EstimateLine,
    FinancialYear,
    Invoice,
    InvoiceDraft,
    InvoiceReminder,
    Payment,
    ReminderRule,
    Status,
)
from interventions.models.invoices import CreditReason
from privacy.models import JournalEntry
from privacy.retention.due import paris_day
from tests.factories import (
    FinancialYearFactory,
    InterventionFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

NBSP = "\N{NO-BREAK SPACE}"
TO_BILL = "/admin/interventions/invoicedraft/a-facturer/"


@pytest.fixture
def today():
    return paris_day(timezone.now())


@pytest.fixture(autouse=True)
def year(today):
    return FinancialYearFactory(starts_on=date(today.year, 1, 1))


@pytest.fixture
def accountant():
    return UserFactory(role=Role.ACCOUNTING)


@pytest.fixture
def desk(client, accountant):
    client.force_login(accountant)
    return client


def done(**fields):
    """An intervention that a tenant pays for, closed yesterday."""
    yesterday = timezone.now() - timedelta(days=1)
    given = {"problem_code": "locked_out", "status": Status.CLOSED, "opened_at": yesterday, "closed_at": yesterday}
    return InterventionFactory(**given | {"occupant": PersonFactory()} | fields)


def text_of(response):
    """What is read: without tags, spaces made plain."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain.replace("\N{NARROW NO-BREAK SPACE}", " "))


def page_of(model, row, name="change"):
    return reverse(f"admin:interventions_{model}_{name}", args=[row.pk])


def posted(page, **changed):
    """What a browser sends of a page of the admin site as it stands, with some of it changed."""
    sent = {}
    forms = [page.context["adminform"].form]
    for each in page.context["inline_admin_formsets"]:
        forms += [each.formset.management_form, *each.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            sent[field.html_name] = "" if value is None else field.field.prepare_value(value)
    return {key: str(value) for key, value in sent.items()} | changed


def drafted(**fields):
    return InvoiceDraftFactory(supplied_on=paris_day(timezone.now()), **fields)


# To bill --------------------------------------------------------------------------------------------------------------


def test_what_a_tenant_pays_for_comes_first(desk):
    theirs, ours = done(), done(problem_code="no_heating")
    first = desk.get(TO_BILL)
    assert [row.pk for row in first.context["page"]] == [theirs.pk]
    assert {row.pk for row in desk.get(TO_BILL, {"vue": "toutes"}).context["page"]} == {theirs.pk, ours.pk}


def test_a_number_or_a_residence_finds_an_intervention(desk):
    one, other = done(problem_code="no_heating"), done(problem_code="no_heating")
    assert [row.pk for row in desk.get(TO_BILL, {"q": one.reference}).context["page"]] == [one.pk]
    assert one.pk in [row.pk for row in desk.get(TO_BILL, {"q": one.residence.name}).context["page"]]
    assert "Rien à facturer" in text_of(desk.get(TO_BILL, {"q": "I999999999"}))
    assert other.pk != one.pk


def test_what_is_open_cancelled_old_or_billed_is_not_to_bill(desk, today):
    long_ago = timezone.now() - timedelta(days=380)
    done(status=Status.RECEIVED, closed_at=None)
    done(status=Status.CANCELLED)
    done(opened_at=long_ago, closed_at=long_ago)
    issued(intervention=done())
    drafted(intervention=done())
    left = done()
    assert [row.pk for row in desk.get(TO_BILL, {"vue": "toutes"}).context["page"]] == [left.pk]


def test_accounting_reads_no_telephone_and_no_story(desk):
    intervention = done(description="Il a laissé ses clés chez sa sœur.", contact_number="+33612345678")
    shown = text_of(desk.get(TO_BILL))
    assert intervention.reference in shown
    for private in ("sœur", "612345678", "06 12", intervention.occupant.full_name):
        assert private not in shown


def test_whoever_pays_gets_a_draft_and_twice_the_same_gives_one(desk):
    intervention = done()
    first = desk.post(TO_BILL, {"intervention": intervention.pk, "payer": "occupant"})
    again = desk.post(TO_BILL, {"intervention": intervention.pk, "payer": "occupant"})
    draft = InvoiceDraft.objects.get()
    assert first.url == again.url == page_of("invoicedraft", draft)
    assert (draft.person, draft.billed_name) == (intervention.occupant, intervention.occupant.full_name)

    desk.post(TO_BILL, {"intervention": intervention.pk, "payer": "landlord"})
    assert InvoiceDraft.objects.get(landlord=intervention.landlord).intervention == intervention


@pytest.mark.parametrize("payer", ["", "agent", "occupant"])
def test_nobody_pays_without_being_chosen_or_known(desk, payer):
    intervention = done(occupant=None)
    answer = desk.post(TO_BILL, {"intervention": intervention.pk, "payer": payer}, follow=True)
    assert "Choisissez qui paie" in text_of(answer)
    assert not InvoiceDraft.objects.exists()


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 30, "999999999"])
def test_what_is_no_intervention_is_not_there(desk, number):
    assert desk.post(TO_BILL, {"intervention": number, "payer": "occupant"}).status_code == 404
    assert desk.post(TO_BILL, {"estimate": number or "0"}).status_code == 404


def test_an_intervention_is_billed_once_to_the_same_client_until_it_is_credited(desk, today):
    intervention = done()
    ask = {"intervention": intervention.pk, "payer": "occupant"}
    invoice = issued(intervention=intervention, person=intervention.occupant)
    assert invoice.number in text_of(desk.post(TO_BILL, ask, follow=True))
    assert not InvoiceDraft.objects.exists()

    issue(prepare_credit(invoice, reason=CreditReason.ERROR, by=None, now=timezone.now()), by=None, now=timezone.now())
    desk.post(TO_BILL, ask)
    assert InvoiceDraft.objects.exists()


# A draft --------------------------------------------------------------------------------------------------------------


def test_a_draft_takes_five_lines_at_once_and_tells_its_total(desk):
    draft = drafted(lines=0)
    page = desk.get(page_of("invoicedraft", draft))
    line = {"lines-0-designation": "Serrure", "lines-0-quantity": "1,5", "lines-0-unit_price": "1 000,50"}
    saved = desk.post(page.request["PATH_INFO"], posted(page, **line), follow=True)
    assert "1 800,90" in text_of(saved)
    assert draft.lines.get().amount == Decimal("1500.75")
    assert len(saved.context["inline_admin_formsets"][0].formset.extra_forms) == 5


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"lines-0-quantity": "0"}, "ne peut pas être zéro"),
        ({"lines-0-quantity": "1000000000"}, "chiffres"),
        ({"lines-0-quantity": "beaucoup"}, "Saisissez un nombre"),
        ({"lines-0-unit_price": "-5"}, "supérieure ou égale à 0"),
        ({"lines-0-unit_price": "1e9"}, "chiffres"),
        ({"lines-0-designation": "x" * 300}, "au plus 200"),
        ({"lines-0-vat": "7"}, "choix valide"),
        ({"billed_name": "x" * 300}, "au plus 200"),
        ({"billed_name": ""}, "obligatoire"),
        ({"billed_country": "France"}, "deux lettres"),
        ({"billed_country": "XX"}, "deux lettres"),
        ({"billed_siren": "12345678"}, "9 chiffres"),
        ({"billed_vat_number": "12"}, "commence par le pays"),
        ({"supplied_on": "31/02/2026"}, "date valide"),
        ({"supplied_on": "hier"}, "date valide"),
        ({"lines-TOTAL_FORMS": "x"}, "ManagementForm"),
        ({"billed_name": "Camille\x00"}, "caractère"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_typed_is_lost(desk, changed, told):
    draft = drafted()
    page = desk.get(page_of("invoicedraft", draft))
    answer = desk.post(page.request["PATH_INFO"], posted(page, purchase_order="BC-77", **changed))
    assert answer.status_code == 200
    assert told in text_of(answer).replace("&#x27;", "’")
    assert 'value="BC-77"' in answer.content.decode()
    draft.refresh_from_db()
    assert draft.purchase_order == ""


def test_numbers_are_taken_with_the_spaces_of_their_letterhead(desk):
    draft = drafted()
    page = desk.get(page_of("invoicedraft", draft))
    sent = posted(page, billed_siren="732 829 320", billed_vat_number="fr 44 732829320", billed_country="be")
    desk.post(page.request["PATH_INFO"], sent)
    draft.refresh_from_db()
    assert (draft.billed_siren, draft.billed_vat_number, draft.billed_country) == ("732829320", "FR44732829320", "BE")


def test_the_second_of_two_on_one_draft_is_told(desk):
    draft = drafted()
    page = desk.get(page_of("invoicedraft", draft))
    draft.lines.update(unit_price=10)
    answer = desk.post(page.request["PATH_INFO"], posted(page, billed_name="Autre Nom"))
    assert "Quelqu’un d’autre" in text_of(answer)
    assert "Autre Nom" in answer.content.decode()
    draft.refresh_from_db()
    assert draft.billed_name != "Autre Nom"


def test_a_draft_is_deleted_freely(desk):
    draft = drafted()
    desk.post(page_of("invoicedraft", draft, "delete"), {"post": "yes"})
    assert not InvoiceDraft.objects.exists()
    assert not DraftLine.objects.exists()


# Issuing --------------------------------------------------------------------------------------------------------------


def test_what_is_issued_is_read_once_more_first(desk, today, accountant):
    draft = drafted()
    page = desk.get(page_of("invoicedraft", draft))
    confirm = desk.post(page.request["PATH_INFO"], posted(page, _issue="1", billed_name="Dominique Lu"), follow=True)
    shown = text_of(confirm)
    assert confirm.redirect_chain[-1][0] == page_of("invoicedraft", draft, "issue")
    assert "Dominique Lu" in shown
    assert "90,00" in shown
    assert "ne s’annule pas" in shown

    issued = desk.post(page_of("invoicedraft", draft, "issue"), {"seen": confirm.context["seen"]})
    invoice = Invoice.objects.get()
    assert issued.url == page_of("invoice", invoice)
    assert (invoice.billed_name, invoice.issued_by, invoice.issued_on) == ("Dominique Lu", accountant, today)

    again = desk.post(page_of("invoicedraft", draft, "issue"), {"seen": confirm.context["seen"]}, follow=True)
    assert "déjà été émis" in text_of(again)
    assert Invoice.objects.count() == 1


def test_what_changed_since_it_was_read_is_not_issued(desk):
    draft = drafted()
    seen = desk.get(page_of("invoicedraft", draft, "issue")).context["seen"]
    draft.lines.update(unit_price=1000)
    answer = desk.post(page_of("invoicedraft", draft, "issue"), {"seen": seen}, follow=True)
    assert "a changé depuis" in text_of(answer)
    assert not Invoice.objects.exists()


def test_what_is_missing_is_said_before_and_refused(desk):
    draft = drafted()
    draft.lines.update(vat="reduced")
    assert "attestation" in text_of(desk.get(page_of("invoicedraft", draft)))
    confirm = desk.get(page_of("invoicedraft", draft, "issue"))
    answer = desk.post(page_of("invoicedraft", draft, "issue"), {"seen": confirm.context["seen"]}, follow=True)
    assert "attestation" in text_of(answer)
    assert not Invoice.objects.exists()


def test_a_hundred_and_thirty_lines_are_saved(desk):
    draft = drafted(lines=130)
    page = page_of("invoicedraft", draft)
    assert desk.post(page, posted(desk.get(page), **{"lines-129-unit_price": "80"})).status_code == 302
    assert draft.lines.order_by("position").last().unit_price == 80


def test_without_a_financial_year_the_home_and_the_draft_say_so(desk, year, today):
    assert desk.get(reverse("admin:index")).context["accounting"].no_year_from is None
    FinancialYear.objects.all().delete()
    assert "Ouvrir l’exercice" in text_of(desk.get(reverse("admin:index")))
    assert "Aucun exercice ne comprend" in text_of(desk.get(page_of("invoicedraft", drafted())))


def test_the_next_year_is_asked_for_a_month_before(year):
    close = year.closes_on
    assert no_year_from(close - timedelta(days=31)) is None
    assert no_year_from(close - timedelta(days=30)) == close + timedelta(days=1)
    FinancialYearFactory(starts_on=close + timedelta(days=1))
    assert no_year_from(close) is None


# Invoices -------------------------------------------------------------------------------------------------------------


def issued(*, days_ago=0, **fields):
    """The next of its year, so the oldest first."""
    on = paris_day(timezone.now()) - timedelta(days=days_ago)
    return InvoiceFactory(issued_on=on, financial_year__starts_on=date(on.year, 1, 1), **fields)


@pytest.fixture
def invoice():
    return issued()


def paying(today, **changed):
    return {"method": "cheque", "amount": "90,00", "received_on": today.isoformat(), "seen": "0"} | changed


def test_a_payment_is_noted_once_and_taken_back(desk, invoice, today):
    page = page_of("invoice", invoice)
    assert 'value="90,00"' in desk.get(page).content.decode()
    for _ in range(2):
        answer = desk.post(page_of("invoice", invoice, "pay"), paying(today, reference="123"), follow=True)
        assert "La facture est payée" in text_of(answer)
    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.reference) == (90, "cheque", "123")

    undo = reverse("admin:interventions_invoice_reverse", args=[invoice.pk, payment.pk])
    assert "annulé" in text_of(desk.post(undo, follow=True))
    assert payments.balance_of(invoice) == 90
    assert "déjà été annulé" in text_of(desk.post(undo, follow=True))
    assert Payment.objects.count() == 2


def test_what_is_paid_in_excess_is_told_and_given_back(desk, invoice, today):
    pay = page_of("invoice", invoice, "pay")
    assert "10,00" in text_of(desk.post(pay, paying(today, amount="100"), follow=True))
    assert 'value="-10,00"' in desk.get(page_of("invoice", invoice)).content.decode()
    assert "est payée" in text_of(desk.post(pay, paying(today, amount="-10", seen="1"), follow=True))


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"amount": "0"}, "montant"),
        ({"amount": "-5"}, "trop-perçu"),
        ({"amount": "cent"}, "nombre"),
        ({"amount": "1e12"}, "chiffres"),
        ({"amount": "1,234"}, "virgule"),
        ({"amount": "NaN"}, "nombre"),
        ({"received_on": "2999-01-01"}, "pas encore venu"),
        ({"received_on": "1900-01-01"}, "Aucun exercice ouvert"),
        ({"received_on": "demain"}, "date valide"),
        ({"method": "online"}, "choix valide"),
        ({"reference": "x" * 300}, "au plus 40"),
        ({"seen": "x"}, "entier"),
    ],
)
def test_a_payment_that_cannot_be_is_refused_with_what_was_typed(desk, invoice, today, changed, told):
    answer = desk.post(page_of("invoice", invoice, "pay"), paying(today, **{"reference": "CHQ-9"} | changed))
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert ("CHQ-9" in answer.content.decode()) or "reference" in changed
    assert not Payment.objects.exists()


def test_the_second_of_two_payments_is_told(desk, invoice, today):
    payments.note(invoice, method="cash", amount=Decimal(20), received_on=today, by=None, now=timezone.now())
    pay = page_of("invoice", invoice, "pay")
    answer = desk.post(pay, paying(today))
    assert "Un autre paiement" in text_of(answer)
    assert desk.post(pay, paying(today, seen=str(answer.context["form"]["seen"].value()))).status_code == 302


def test_a_credit_note_takes_all_back_or_less(desk, invoice):
    credit = page_of("invoice", invoice, "credit")
    assert "raison" in text_of(desk.post(credit, {"reason": "ennui"}, follow=True))
    desk.post(credit, {"reason": "goodwill"})
    draft = InvoiceDraft.objects.get(corrects=invoice)
    draft.lines.update(unit_price=25)
    seen = desk.get(page_of("invoicedraft", draft, "issue")).context["seen"]
    answer = desk.post(page_of("invoicedraft", draft, "issue"), {"seen": seen}, follow=True)
    assert "L’avoir A" in text_of(answer)
    assert payments.balance_of(invoice) == 60
    note = Invoice.objects.get(series="A")
    assert note.number in text_of(desk.get(page_of("invoice", invoice)))
    assert desk.post(page_of("invoice", note, "pay"), {}).status_code == 422
    assert "ne se corrige pas" in text_of(
        desk.post(page_of("invoice", note, "credit"), {"reason": "error"}, follow=True)
    )


def test_the_list_is_searched_and_filtered(desk):
    late = issued(days_ago=100, billed_name="Société Dupont", landlord=LandlordFactory(), intervention=done())
    invoice = issued()
    everything = reverse("admin:interventions_invoice_changelist")

    def listed(**asked):
        return [row.number for row in desk.get(everything, asked).context["cl"].result_list]

    assert set(listed()) == {invoice.number, late.number}
    for asked in ({"q": "dupont"}, {"q": late.number}, {"q": late.intervention.reference}, {"etat": "late"},
                  {"retard": "3"}, {"client": "bailleur"}):  # fmt: skip
        assert listed(**asked) == [late.number], asked
    assert listed(retard="0") == listed(etat="unpaid") == listed(client="autre") == [invoice.number]
    assert set(listed(etat="nonsense", retard="9", client="x")) == {invoice.number, late.number}


def test_archived_years_are_not_listed_nor_opened(desk, invoice, today):
    old = InvoiceFactory(
        issued_on=date(today.year - 3, 5, 2), financial_year__starts_on=date(today.year - 3, 1, 1), sequence=1
    )
    numbers = [
        row.number for row in desk.get(reverse("admin:interventions_invoice_changelist")).context["cl"].result_list
    ]
    assert numbers == [invoice.number]
    assert Invoice.objects.filter(pk=old.pk).exists()
    assert desk.get(page_of("invoice", old)).status_code == 302
    assert desk.post(page_of("invoice", old, "pay"), paying(today)).status_code == 404


def test_each_act_is_told_to_the_journal_by_number_only(desk, accountant, invoice, today):
    draft = drafted()
    page = desk.get(page_of("invoicedraft", draft))
    desk.post(page.request["PATH_INFO"], posted(page, billed_name="Jeanne Secret"))
    desk.get(page_of("invoice", invoice))
    desk.post(page_of("invoice", invoice, "pay"), paying(today))
    told = JournalEntry.objects.filter(actor=accountant)
    assert {"read", "change", "note_payment"} <= set(told.values_list("action", flat=True))
    assert "Secret" not in str(list(told.values()))


# Estimates ------------------------------------------------------------------------------------------------------------


def test_an_estimate_is_prepared_offered_and_billed_once_accepted(desk, today):
    intervention = InterventionFactory(occupant=PersonFactory())
    new = reverse("admin:interventions_estimate_add")
    desk.post(new, {"number": intervention.reference})
    estimate = Estimate.objects.get()
    assert estimate.person == intervention.occupant
    page = desk.get(page_of("estimate", estimate))
    line = {"lines-0-designation": "Vitrage", "lines-0-quantity": "1", "lines-0-unit_price": "100"}
    answer = desk.post(page.request["PATH_INFO"], posted(page, _offer="1", **line), follow=True)
    estimate.refresh_from_db()
    assert estimate.offered_at is not None
    assert "Attend la réponse" in text_of(answer)
    assert "120,00" in text_of(answer)
    assert desk.post(page.request["PATH_INFO"], posted(page, **line)).status_code == 403
    assert "aucun" not in text_of(desk.get(TO_BILL, {"vue": "devis"}))

    now = timezone.now()
    Estimate.objects.update(answered_at=now, accepted=True)
    type(intervention).objects.update(status=Status.CLOSED, closed_at=now, problem_code="no_heating")
    assert "Facturer ce devis" in text_of(desk.get(page_of("estimate", estimate)))
    assert "Facturer ce devis" in text_of(desk.get(TO_BILL, {"vue": "devis"}))
    for _ in range(2):
        desk.post(TO_BILL, {"estimate": estimate.pk})
    draft = InvoiceDraft.objects.get()
    assert [line.designation for line in draft.lines.all()] == ["Vitrage"]


def test_an_estimate_without_lines_is_not_offered_and_keeps_what_was_typed(desk):
    desk.post(reverse("admin:interventions_estimate_add"), {"number": InterventionFactory(occupant=PersonFactory()).pk})
    estimate = Estimate.objects.get()
    page = desk.get(page_of("estimate", estimate))
    answer = desk.post(page.request["PATH_INFO"], posted(page, _offer="1", billed_name="Nouveau Nom"), follow=True)
    assert "aucune ligne" in text_of(answer)
    estimate.refresh_from_db()
    assert (estimate.billed_name, estimate.offered_at) == ("Nouveau Nom", None)


@pytest.mark.parametrize("number", ["", "I0", "abc", "9" * 25])
def test_an_estimate_needs_an_intervention_under_way(desk, number):
    answer = desk.post(reverse("admin:interventions_estimate_add"), {"number": number})
    assert answer.status_code == 422
    assert not Estimate.objects.exists()


def test_an_estimate_is_not_offered_for_what_is_over(desk):
    answer = desk.post(reverse("admin:interventions_estimate_add"), {"number": done().reference})
    assert "Aucune intervention en cours" in text_of(answer)


def estimated(*, intervention=None, **fields):
    intervention = intervention or InterventionFactory(occupant=PersonFactory())
    now = timezone.now()
    given = {"billed_name": "X", "prepared_at": now, "valid_until": paris_day(now), "offered_at": now}
    estimate = Estimate.objects.create(intervention=intervention, person=intervention.occupant, **given | fields)
    EstimateLine.objects.create(estimate=estimate, position=1, designation="X", quantity=1, unit_price=1)
    return estimate


def test_estimates_are_filtered_by_where_they_stand(desk, today):
    now = timezone.now()
    made = {
        "draft": estimated(offered_at=None),
        "waiting": estimated(),
        "accepted": estimated(answered_at=now, accepted=True),
        "refused": estimated(answered_at=now, accepted=False),
        "expired": estimated(valid_until=today - timedelta(days=1)),
        "over": estimated(intervention=done()),
    }
    for state, estimate in made.items():
        assert state_of(estimate, today=today) == state
        page = desk.get(reverse("admin:interventions_estimate_changelist"), {"etat": state})
        assert list(page.context["cl"].result_list) == [estimate]
    assert desk.get(reverse("admin:index")).context["accounting"].offered == 1
    everything = desk.get(reverse("admin:interventions_estimate_changelist"), {"etat": "x"})
    assert len(everything.context["cl"].result_list) == 6


# The home, reminders, years, landlords --------------------------------------------------------------------------------


def test_the_home_page_adds_up_what_is_owed_by_age(desk):
    issued(days_ago=70)
    issued()
    done()
    drafted()
    page = desk.get(reverse("admin:index"))
    board = page.context["accounting"]
    assert (board.to_bill, board.drafts, board.owed, board.late) == (1, 1, Decimal(180), Decimal(90))
    for bar in board.bars:
        rows = (
            desk.get(reverse("admin:interventions_invoice_changelist"), {"retard": bar.rank}).context["cl"].result_list
        )
        assert len(rows) == bar.bucket.count
    assert [bar.bucket.count for bar in board.bars] == [1, 0, 1, 0, 0]


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "a\x00b"},
        {"q": "x" * 5000},
        {"q": "%_'\"\\"},
        {"page": "abc"},
        {"page": "-1", "p": "-1"},
        {"page": "9" * 30, "p": "9" * 30},
        {"vue": "\x00", "etat": "\x00", "retard": "\x00", "client": "\x00", "envoi": "\x00"},
        {"retard": "²"},
        {"financial_year__id__exact": "x"},
        {"series__exact": "\x00", "tone__exact": "\x00"},
        {"o": "99.-99.x"},
        {"e": "1"},
    ],
    ids=str,
)
def test_an_odd_question_is_no_error(desk, invoice, asked):
    done()
    estimated()
    names = ("invoicedraft", "invoice", "estimate", "invoicereminder", "reminderrule", "financialyear", "landlord")
    for page in [TO_BILL, *(reverse(f"admin:interventions_{name}_changelist") for name in names)]:
        assert desk.get(page, asked).status_code in (200, 302, 400, 404), page


@pytest.mark.parametrize("number", ["²", "x", "9" * 30, "-1", "1e3", "0"])
def test_an_odd_number_leads_nowhere(desk, number):
    for model in ("invoicedraft", "invoice", "estimate", "landlord", "financialyear"):
        page = f"/admin/interventions/{model}/{number}/change/"
        assert desk.get(page).status_code == 302, page
        assert desk.post(page, {}).status_code in (302, 403), page


def test_nobody_else_has_that_home(client, invoice):
    for role in (Role.DPO, Role.ADMINISTRATOR):
        client.force_login(UserFactory(role=role))
        assert "à encaisser" not in text_of(client.get(reverse("admin:index")))


def test_reminders_to_post_are_those_still_owed(desk, invoice, today):
    said = {"tone": "friendly", "after_working_days": 27, "reminded_at": timezone.now()}
    InvoiceReminder.objects.create(invoice=invoice, by_post=True, **said)
    reminders = reverse("admin:interventions_invoicereminder_changelist")
    assert invoice.number in text_of(desk.get(reminders))
    payments.note(invoice, method="cash", amount=Decimal(90), received_on=today, by=None, now=timezone.now())
    assert invoice.number not in text_of(desk.get(reminders))
    assert invoice.number in text_of(desk.get(reminders, {"envoi": "toutes"}))


def test_when_reminders_go_is_accountings_to_say(desk):
    ReminderRule.objects.all().delete()
    add = reverse("admin:interventions_reminderrule_add")
    desk.post(add, {"after_working_days": "27", "tone": "firm"})
    assert ReminderRule.objects.get().after_working_days == 27
    for wrong in ("27", "-1", "x", "99999"):
        assert desk.post(add, {"after_working_days": wrong, "tone": "firm"}).status_code == 200
    assert ReminderRule.objects.count() == 1


def test_a_year_is_opened_once_and_none_covers_another(desk, year):
    add = reverse("admin:interventions_financialyear_add")
    desk.post(add, {"starts_on": f"01/01/{year.closes_on.year + 1}", "closes_on": f"31/12/{year.closes_on.year + 1}"})
    assert FinancialYear.objects.count() == 2
    overlapping = {"starts_on": f"01/06/{year.closes_on.year}", "closes_on": f"30/06/{year.closes_on.year + 1}"}
    assert "Un autre exercice" in text_of(desk.post(add, overlapping))
    backwards = {"starts_on": "01/06/2040", "closes_on": "01/01/2040"}
    assert desk.post(add, backwards).status_code == 200
    assert FinancialYear.objects.count() == 2
    listed = text_of(desk.get(reverse("admin:interventions_financialyear_changelist")))
    assert str(year.closes_on.year + 11) in listed


def test_accounting_writes_to_whom_a_landlord_is_billed_and_nothing_else(desk):
    landlord = LandlordFactory()
    page = page_of("landlord", landlord)
    shown = desk.get(page)
    assert set(shown.context["adminform"].form.fields) == {
        *("billing_name", "billing_street", "billing_postcode", "billing_city", "billing_country"),
        *("siren", "vat_number"),
    }
    before = landlord.name
    sent = {"billing_name": "OPH du Nord", "billing_city": "Lille", "siren": "732 829 320", "name": "Pris"}
    desk.post(page, sent)
    landlord.refresh_from_db()
    assert (landlord.billing_name, landlord.siren, landlord.billing_country) == ("OPH du Nord", "732829320", "FR")
    assert landlord.name == before
    assert "9 chiffres" in text_of(desk.post(page, sent | {"siren": "12345678"}))


def test_the_administrator_writes_it_too(client):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    page = text_of(client.get(page_of("landlord", LandlordFactory())))
    assert "Facturation" in page
    assert "SIREN" in page


def test_pages_ask_few_questions(desk, django_assert_max_num_queries, today, invoice):
    for _ in range(3):
        done()
        drafted(intervention=done())
        payments.note(invoice, method="cash", amount=Decimal(1), received_on=today, by=None, now=timezone.now())
    draft = InvoiceDraft.objects.first()
    names = ("invoicedraft_changelist", "invoicedraft_to_bill", "invoice_changelist", "estimate_changelist")
    pages = [reverse("admin:index"), *(reverse(f"admin:interventions_{name}") for name in names)]
    pages += [page_of("invoice", invoice), page_of("invoicedraft", draft), page_of("invoicedraft", draft, "issue")]
    for page in pages:
        with django_assert_max_num_queries(12, info=page):
            assert desk.get(page).status_code == 200
