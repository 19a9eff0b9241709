"""Paying online, against a double of Stripe's HTTP interface that listens on this machine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from time import time

import pytest
from django.db import connection
from django.urls import reverse

from interventions.invoicing import online, stripe_checkout
from interventions.invoicing.online import OnlinePaymentError, ask_after_silence, begin
from interventions.invoicing.payments import balance_of, note
from interventions.models import OnlinePayment, Payment
from tests.concurrency import meanwhile
from tests.factories import NOW, TODAY, InvoiceFactory, PersonFactory, UserFactory
from tests.interventions.invoicing.stripe_double import KEY, SECRET, listening

pytestmark = pytest.mark.django_db

DOOR = "/paiement/stripe/"
HOUR = timedelta(hours=1)
State = OnlinePayment.State


@pytest.fixture
def stripe(settings):
    with listening() as server:
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        settings.STRIPE_API_BASE, settings.SITE_URL = server.address, "https://portail.example"
        yield server


@pytest.fixture
def tenant():
    return UserFactory(role="tenant", person=PersonFactory(family_name="Zorglub", email="zorglub@courriel.example"))


@pytest.fixture
def invoice(tenant):
    return InvoiceFactory(person=tenant.person, billed_name="Camille Zorglub")


@pytest.fixture
def visit(stripe, invoice, tenant):
    """To Stripe's page, which is open."""
    begin(invoice, by=tenant, now=NOW)
    return OnlinePayment.objects.get()


def session_of(stripe, visit):
    return stripe.sessions[OnlinePayment.objects.get(pk=visit.pk).session]


def tell(client, stripe, session, kind="checkout.session.completed", **signing):
    body, signature = stripe.event(session, kind, **signing)
    return client.post(DOOR, body, content_type="application/json", headers={"Stripe-Signature": signature})


def state(visit):
    return OnlinePayment.objects.get(pk=visit.pk).state


# Off ------------------------------------------------------------------------------------------------------------------


def test_it_is_off_until_there_are_keys(client, invoice, tenant, settings):
    assert not online.is_offered()
    assert client.post(DOOR, "{}", content_type="application/json").status_code == 404
    assert ask_after_silence(now=NOW) == 0


# Opening --------------------------------------------------------------------------------------------------------------


def test_what_is_owed_is_paid_on_a_page_that_knows_nobody(stripe, invoice, tenant):
    note(invoice, method="cash", amount=Decimal("19.90"), received_on=TODAY, by=None, now=NOW)

    page = begin(invoice, by=tenant, now=NOW)

    visit = OnlinePayment.objects.get()
    assert (visit.state, visit.amount, visit.session) == (State.OPEN, Decimal("70.10"), "cs_test_1")
    assert page == "https://checkout.stripe.com/c/pay/cs_test_1"
    ((method, path, headers, form),) = stripe.asked
    assert (method, path) == ("POST", "/v1/checkout/sessions")
    assert headers["Idempotency-Key"] == form["client_reference_id"]
    assert form == {
        "mode": "payment",
        "payment_method_types[0]": "card",
        "locale": "fr",
        "client_reference_id": form["client_reference_id"],
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "7010",
        "line_items[0][price_data][product_data][name]": "Facture F2026-000001",
        "success_url": f"https://portail.example{reverse('portal:invoice_paid', args=[invoice.pk])}",
        "cancel_url": f"https://portail.example{reverse('portal:invoice', args=[invoice.pk])}",
    }
    assert "orglub" not in str(stripe.asked)


def test_asking_again_leads_to_the_same_page(stripe, invoice, tenant, visit):
    assert begin(invoice, by=tenant, now=NOW + HOUR) == stripe.sessions["cs_test_1"]["url"]
    assert (len(stripe.sessions), OnlinePayment.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_open_one_page(stripe, invoice, tenant):
    def click(_):
        try:
            return begin(invoice, by=tenant, now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as threads:
        pages = set(threads.map(click, range(2)))

    assert pages == {"https://checkout.stripe.com/c/pay/cs_test_1"}
    assert (len(stripe.sessions), OnlinePayment.objects.count()) == (1, 1)


def test_another_amount_is_another_page_and_the_former_is_closed(stripe, invoice, tenant, visit):
    note(invoice, method="cash", amount=Decimal("50.00"), received_on=TODAY, by=None, now=NOW)

    assert begin(invoice, by=tenant, now=NOW) == stripe.sessions["cs_test_2"]["url"]

    assert (state(visit), stripe.sessions["cs_test_1"]["status"]) == (State.EXPIRED, "expired")
    assert stripe.sessions["cs_test_2"]["amount_total"] == 4000


def test_an_expired_page_is_followed_by_a_new_one(stripe, invoice, tenant, visit):
    session_of(stripe, visit).update(status="expired", url=None)
    assert begin(invoice, by=tenant, now=NOW + 25 * HOUR).endswith("cs_test_2")
    assert state(visit) == State.EXPIRED


def test_what_was_paid_a_moment_ago_is_not_paid_again(stripe, invoice, tenant, visit):
    stripe.paid(session_of(stripe, visit))
    with pytest.raises(OnlinePaymentError, match="déjà payée"):
        begin(invoice, by=tenant, now=NOW)
    assert balance_of(invoice) == 0


@pytest.mark.parametrize(("paid", "message"), [("90.00", "déjà payée"), ("89.51", "trop petit")])
def test_nothing_and_next_to_nothing_are_not_paid_online(stripe, invoice, tenant, paid, message):
    note(invoice, method="cash", amount=Decimal(paid), received_on=TODAY, by=None, now=NOW)
    with pytest.raises(OnlinePaymentError, match=message):
        begin(invoice, by=tenant, now=NOW)
    assert not stripe.asked


def test_a_provider_that_is_down_is_told_and_nothing_is_lost(stripe, invoice, tenant, caplog):
    stripe.is_down = True
    with pytest.raises(OnlinePaymentError, match="Rien n’est payé"):
        begin(invoice, by=tenant, now=NOW)
    assert "zorglub" not in caplog.text.lower()
    stripe.is_down = False
    assert begin(invoice, by=tenant, now=NOW).endswith("cs_test_1")
    assert OnlinePayment.objects.count() == 1


def test_a_provider_that_is_not_there_is_told(stripe, invoice, tenant, settings):
    settings.STRIPE_API_BASE = "http://127.0.0.1:1"
    with pytest.raises(OnlinePaymentError, match="Rien n’est payé"):
        begin(invoice, by=tenant, now=NOW)


def test_an_answer_that_was_lost_opens_no_second_page(stripe, invoice, tenant):
    stripe.loses_answers = True
    with pytest.raises(OnlinePaymentError):
        begin(invoice, by=tenant, now=NOW)
    stripe.loses_answers = False
    assert begin(invoice, by=tenant, now=NOW).endswith("cs_test_1")
    assert len(stripe.sessions) == 1


def test_a_key_that_is_refused_is_told(stripe, invoice, tenant, settings):
    settings.STRIPE_SECRET_KEY = "sk_test_wrong"
    with pytest.raises(OnlinePaymentError):
        begin(invoice, by=tenant, now=NOW)


# What came of it ------------------------------------------------------------------------------------------------------


def test_what_was_paid_becomes_a_payment(client, stripe, invoice, visit):
    session = session_of(stripe, visit)
    stripe.paid(session)

    assert tell(client, stripe, session).status_code == 200

    payment = Payment.objects.get()
    assert (payment.method, payment.amount, payment.online) == ("online", Decimal("90.00"), visit)
    assert (payment.reference, payment.noted_by) == ("pi_1", None)
    assert (state(visit), balance_of(invoice)) == (State.PAID, 0)


def test_told_again_it_is_still_one_payment(client, stripe, visit):
    session = session_of(stripe, visit)
    stripe.paid(session)
    for kind in ("completed", "completed", "async_payment_succeeded"):
        assert tell(client, stripe, session, f"checkout.session.{kind}").status_code == 200
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_told_twice_at_the_same_instant_it_is_one_payment(client, stripe, visit):
    session = session_of(stripe, visit)
    stripe.paid(session)
    told = stripe_checkout.fetch(session["id"])
    assert meanwhile(lambda: online.settle(told, now=NOW), lambda: online.settle(told, now=NOW)) is None
    assert Payment.objects.count() == 1


def test_told_before_the_answer_to_our_request_it_is_found_by_our_reference(client, stripe, invoice, visit):
    session = session_of(stripe, visit)
    OnlinePayment.objects.update(session=None)
    stripe.paid(session)
    tell(client, stripe, session)
    visit.refresh_from_db()
    assert (visit.state, visit.session, balance_of(invoice)) == (State.PAID, session["id"], 0)


@pytest.mark.parametrize("reference", ["1-0.000000", "٣-1", "9" * 30, "", None, "x"])
def test_what_is_paid_elsewhere_under_such_a_reference_is_not_ours(client, stripe, visit, reference):
    session = session_of(stripe, visit)
    stripe.paid(session)
    OnlinePayment.objects.update(session=None)
    foreign = {**session, "id": "cs_live_other", "client_reference_id": reference}
    assert tell(client, stripe, foreign).status_code == 200
    assert not Payment.objects.exists()
    tell(client, stripe, session)
    assert Payment.objects.exists()


def test_a_visit_given_up_ends(client, stripe, invoice, visit):
    session = session_of(stripe, visit)
    session.update(status="expired", url=None)
    tell(client, stripe, session, "checkout.session.expired")
    assert (state(visit), balance_of(invoice)) == (State.EXPIRED, Decimal("90.00"))


def test_a_payment_that_takes_days_is_waited_for(client, stripe, invoice, visit):
    session = session_of(stripe, visit)
    session.update(status="complete", url=None)
    tell(client, stripe, session)
    assert (state(visit), balance_of(invoice)) == (State.OPEN, Decimal("90.00"))

    tell(client, stripe, session, "checkout.session.async_payment_failed")
    assert state(visit) == State.EXPIRED


@pytest.mark.parametrize("last", ["checkout.session.expired", "checkout.session.async_payment_failed"])
def test_events_in_the_wrong_order_come_to_the_same(client, stripe, invoice, visit, last):
    session = session_of(stripe, visit)
    before = {**session, "status": "expired"}
    stripe.paid(session)
    tell(client, stripe, before, last)
    assert state(visit) == State.EXPIRED
    tell(client, stripe, session, "checkout.session.async_payment_succeeded")
    tell(client, stripe, before, last)
    assert (state(visit), balance_of(invoice), Payment.objects.count()) == (State.PAID, 0, 1)


@pytest.mark.parametrize("changed", [{"amount_total": 8999}, {"currency": "usd"}, {"amount_total": None}])
def test_another_amount_or_currency_is_no_payment_and_shows(client, stripe, invoice, visit, changed, caplog):
    session = session_of(stripe, visit)
    stripe.paid(session, **changed)
    assert tell(client, stripe, session).status_code == 200
    assert (state(visit), balance_of(invoice)) == (State.REFUSED, Decimal("90.00"))
    assert "another amount" in caplog.text
    tell(client, stripe, session | {"amount_total": 9000, "currency": "eur"})
    assert not Payment.objects.exists()


def test_accounting_sees_another_amount_until_the_invoice_is_settled(client, stripe, invoice, visit):
    client.force_login(UserFactory(role="accounting"))
    listed = f"{reverse('admin:interventions_invoice_changelist')}?etat=online"
    told, warned = reverse("admin:interventions_invoice_change", args=[invoice.pk]), "en ligne à vérifier"
    assert warned not in client.get("/admin/").content.decode()
    assert invoice.number not in client.get(listed).content.decode()

    session = session_of(stripe, visit)
    stripe.paid(session, amount_total=8999)
    tell(client, stripe, session)

    assert warned in client.get("/admin/").content.decode()
    assert invoice.number in client.get(listed).content.decode()
    assert session["id"] in client.get(told).content.decode()
    note(invoice, method="online", amount=Decimal("90.00"), received_on=TODAY, by=None, now=NOW)
    assert warned not in client.get("/admin/").content.decode()
    assert invoice.number not in client.get(listed).content.decode()


def test_what_is_of_no_concern_is_heard_and_left(client, stripe, visit):
    session = session_of(stripe, visit)
    stripe.paid(session)
    assert tell(client, stripe, session, "charge.refunded").status_code == 200
    assert tell(client, stripe, session | {"id": "cs_unknown", "client_reference_id": None}).status_code == 200
    assert not Payment.objects.exists()


def test_what_is_forged_or_stale_is_refused(client, stripe, visit):
    session = session_of(stripe, visit)
    stripe.paid(session)
    assert tell(client, stripe, session, secret="whsec_forged").status_code == 400
    assert tell(client, stripe, session, at=int(time()) - 400).status_code == 400
    body, signature = stripe.event(session)
    changed = body.replace("9000", "9001")
    for sent, header in ((changed, signature), (body, ""), (body, "t=x,v1=y"), (body, "é"), (body, "t=1,v1=é")):
        response = client.post(DOOR, sent, content_type="application/json", headers={"Stripe-Signature": header})
        assert response.status_code == 400, header
    assert not Payment.objects.exists()
    assert tell(client, stripe, session).status_code == 200
    assert Payment.objects.exists()


@pytest.mark.parametrize("body", ["", "{", "[]", "1", "{}", '{"object": "event"}', "\x00"])
def test_what_is_signed_and_no_event_is_refused(client, stripe, body):
    header = stripe_checkout.stripe.WebhookSignature.generate_signature_header(body, SECRET)
    response = client.post(DOOR, body, content_type="application/json", headers={"Stripe-Signature": header})
    assert response.status_code == 400


def test_an_event_without_its_session_is_refused(client, stripe, visit):
    for session in ({}, {"id": "cs_test_1"}, {"object": "checkout.session", "id": None}):
        assert tell(client, stripe, session).status_code == 400
    assert state(visit) == State.OPEN


def test_bytes_that_are_no_text_and_bodies_without_end_are_refused(client, stripe, visit):
    for body in (b"\xff\xfe", b" " * (64 * 1024 + 1)):
        header = {"Stripe-Signature": "t=1,v1=0"}
        assert client.post(DOOR, body, content_type="application/json", headers=header).status_code == 400
    session = session_of(stripe, visit)
    stripe.paid(session, padding="x" * 64 * 1024)
    assert tell(client, stripe, session).status_code == 400
    assert tell(client, stripe, session | {"padding": ""}).status_code == 200


def test_its_door_takes_events_only(client, stripe):
    assert client.get(DOOR).status_code == 405


# Silence --------------------------------------------------------------------------------------------------------------


def test_what_no_event_told_is_asked_after_an_hour(stripe, invoice, visit):
    stripe.paid(session_of(stripe, visit))
    asked = len(stripe.asked)
    assert ask_after_silence(now=NOW + HOUR - timedelta(seconds=1)) == 0
    assert len(stripe.asked) == asked

    assert ask_after_silence(now=NOW + HOUR) == 1

    assert (state(visit), balance_of(invoice)) == (State.PAID, 0)
    assert ask_after_silence(now=NOW + HOUR) == 0


def test_a_page_that_is_still_open_stays_so_and_one_that_is_over_ends(stripe, visit):
    assert ask_after_silence(now=NOW + HOUR) == 0
    assert state(visit) == State.OPEN
    session_of(stripe, visit).update(status="expired")
    ask_after_silence(now=NOW + 25 * HOUR)
    assert state(visit) == State.EXPIRED


def test_a_provider_that_is_down_is_asked_again_later(stripe, visit):
    stripe.paid(session_of(stripe, visit))
    stripe.is_down = True
    assert ask_after_silence(now=NOW + HOUR) == 0
    assert state(visit) == State.OPEN
    stripe.is_down = False
    assert ask_after_silence(now=NOW + HOUR) == 1


def test_what_the_provider_never_knew_of_ends(stripe, invoice, tenant, visit):
    stripe.sessions.clear()
    lost = OnlinePayment.objects.create(invoice=InvoiceFactory(), amount=5, opened_at=NOW)
    ask_after_silence(now=NOW + HOUR)
    assert (state(visit), state(lost)) == (State.EXPIRED, State.EXPIRED)
