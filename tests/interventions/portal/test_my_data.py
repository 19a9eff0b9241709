"""My data: every dataset about the person, in words, until the day it really goes; nothing of anybody else."""

from datetime import datetime, time, timedelta

import pytest
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from accounts.merging import merge_people
from accounts.models import Person, PersonMerge, RecoveryCode, User
from accounts.roles import Role
from callcenter.models import Call, Callback, LogEntry, NightReport, NightReportLine, Recording, RecordingKey
from interventions.models import (
    Appointment,
    Complaint,
    ComplaintMessage,
    DeletionAttestation,
    DutyCall,
    DutyDecision,
    EmergencyAlert,
    Escalation,
    Estimate,
    EstimateLine,
    FinancialYear,
    IdentityDocument,
    Intervention,
    Invoice,
    InvoiceDocument,
    InvoiceReminder,
    OnlinePayment,
    Payment,
    PersonalLink,
    Photo,
    ProviderLink,
    ReportDraft,
    SafetyAlert,
    Signature,
    SpendingApproval,
    Status,
    Subscription,
    SurveyAnswer,
    Tenancy,
    TenantMessage,
    Transition,
    Webhook,
    WebhookDelivery,
)
from interventions.portal.words import DATASETS, WITHOUT_DAY
from privacy import codes, consent, outbox
from privacy.models import (
    ConsentEvent,
    Death,
    Disclosure,
    Erasure,
    ExportPackage,
    Letter,
    MatchedRecord,
    Objection,
    OneTimeCode,
    OutgoingMessage,
    RecipientNotice,
    RectificationItem,
    RequestCopy,
    RequesterDocument,
    RequestStep,
    Restriction,
    RightsRequest,
    SuggestionReview,
    ThirdPartyNotice,
)
from privacy.registry import registry
from privacy.retention.due import PARIS
from privacy.retention.purge import purge
from privacy.rights import post_mortem
from privacy.subjects import holdings, is_named, pieces, told, without_day_while
from tests.factories import (
    CallFactory,
    InterventionFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    RelocationFactory,
    SafetyAlertFactory,
    TenancyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CANARY = "Canari-Zygomatique"
ABOUT_PEOPLE = [dataset for dataset in registry.datasets.values() if dataset.subjects]


def tenant(client, **fields):
    person = PersonFactory(**fields)
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    return person


def one_of_everything(person, *, words="Fuite", now=None):
    """A row of every dataset that is about people, said to be this person’s, with their words where there are any."""
    now = now or timezone.now()
    agent, other = UserFactory(), PersonFactory()
    landlord, today, later = LandlordFactory(), now.date(), now + timedelta(days=1)
    intervention = InterventionFactory(occupant=person, status=Status.CLOSED, opened_at=now, description=words)
    call = CallFactory(caller=person, started_at=now, ended_at=now, outcome=Call.Outcome.INFORMATION)
    accepted = {"recording_answer": "accepted", "recording_answered_at": now}
    Call.objects.filter(pk=call.pk).update(**accepted)
    recording = Recording.objects.create(
        call=call,
        file="recordings/x",
        ended_at=now,
        stored_at=now,
        content_type=Recording.Format.WAV,
        size=1,
        sha256="0",
    )
    complaint = Complaint.objects.create(landlord=landlord, person=person, subject=words, opened_at=now)
    user = User.objects.filter(person=person).first() or UserFactory(role=Role.TENANT, person=person)
    address = EmailAddress.objects.get(user=user)
    subscription = Subscription.objects.create(person=person, landlord=landlord, asked_at=now)
    rows = [
        intervention,
        call,
        recording,
        complaint,
        subscription,
        user,
        address,
        person,
        Callback.objects.create(call=call, promised_at=now),
        LogEntry.objects.create(call=call, at=now, author=agent, text=words),
        RecordingKey.objects.create(recording=recording, wrapped=b"x"),
        Transition.objects.create(intervention=intervention, to_status=Status.CLOSED, at=now, by=agent, reason=words),
        Appointment.objects.create(intervention=intervention, starts_at=now, ends_at=later, made_at=now, made_by=agent),
        Escalation.objects.create(intervention=intervention, kind="late", about=now, raised_at=now),
        TenantMessage.objects.create(intervention=intervention, person=person, at=now, text=words),
        SurveyAnswer.objects.create(
            intervention=intervention, person=person, answered_at=now, score=3, solved=True, comment=words
        ),
        PersonalLink.objects.create(
            person=person, purpose="report", token_hash=f"{person.pk}:hash", created_at=now, expires_at=later
        ),
        ReportDraft.objects.create(person=person, started_at=now, expires_at=later, description=words),
        Photo.objects.create(
            intervention=intervention,
            file=ContentFile(b"x", name="x"),
            wrapped_key=b"x",
            sha256="0",
            size=1,
            thumbnail_size=1,
            added_at=now,
        ),
        Signature.objects.create(intervention=intervention, signer="worker", name=words, signed_at=now),
        SpendingApproval.objects.create(
            intervention=intervention,
            provider=ProviderFactory(),
            amount=450,
            limit=300,
            what=words,
            asked_at=now,
            token_hash=f"{person.pk}:spending",
        ),
        *on_the_landlords_side(intervention, words, agent=agent, now=now),
        DeletionAttestation.objects.create(
            intervention=intervention, provider=ProviderFactory(), token_hash=f"{person.pk}:deletion", asked_at=now
        ),
        EmergencyAlert.objects.create(intervention=intervention, service="fire", danger="fire", at=now, by=agent),
        RelocationFactory(intervention=intervention, asked_at=now, asked_by=agent),
        ProviderLink.objects.create(
            intervention=intervention, provider=ProviderFactory(), token_hash=f"{person.pk}:job", created_at=now
        ),
        ComplaintMessage.objects.create(complaint=complaint, text=words, at=now),
        *of_accounting(intervention, words, today=today, now=now),
        TenancyFactory(person=person),
        IdentityDocument.objects.create(
            subscription=subscription,
            kind="card",
            received_at=now,
            file="identity/x",
            wrapped_key=b"x",
            content_type=IdentityDocument.Format.PDF,
            size=1,
        ),
        SafetyAlertFactory(
            residence=None, person=person, starts_on=today, expires_on=later.date(), instruction=words, raised_by=agent
        ),
        PhoneFactory(person=person),
        EmailConfirmation.objects.create(email_address=address, key=f"{person.pk}"),
        TOTP.activate(user, "JBSWY3DPEHPK3PXP").instance,
        RecoveryCode.objects.create(user=user, digest="empreinte-secrete", created_at=now),
        UserSession.objects.create(user=user, ip="192.0.2.1", session_key=f"cle{person.pk}", user_agent="Firefox"),
        consent.give(person, purpose="surveys", channel="portal", by=None, now=now),
        outbox.send("sign_up_code", to="quelqu.un@exemple.example", person=person, code="123456", now=now),
        Objection.objects.create(person=person, purpose="improvement", state="weighed", made_at=now),
        Disclosure.objects.create(
            person=person,
            recipient_kind="trades",
            recipient_name="Plombier",
            fields=["adresse"],
            purpose="providers",
            source_model="interventions.Intervention",
            source_id=intervention.pk,
            at=now,
        ),
        ThirdPartyNotice.objects.create(
            person=person, source_model="callcenter.Call", source_id=call.pk, learned_at=now, due_on=today
        ),
        post_mortem.record(person, wish="keep", by=None, now=now),
        Death.objects.create(
            person=person,
            reported_by=words,
            document="certificate",
            document_dated_on=today,
            seen_at=now,
            seen_by=agent,
        ),
    ]
    codes.issue(person, purpose="test", now=now)
    rows.append(OneTimeCode.objects.get(person=person))
    merge_people(person, other, by=agent, now=now)
    rows.append(PersonMerge.objects.get(kept=person))
    return rows


def of_accounting(intervention, words, *, today, now):
    """An invoice with all that hangs from it, what is being prepared, and an estimate."""
    person = intervention.occupant
    year, _ = FinancialYear.objects.get_or_create(starts_on=today - timedelta(days=9), closes_on=today)
    invoice = InvoiceFactory(financial_year=year, issued_on=today, person=person, billed_name=words)
    draft = InvoiceDraftFactory(person=person, billed_name=words, prepared_at=now)
    estimate = Estimate.objects.create(
        person=person, intervention=intervention, billed_name=words, prepared_at=now, valid_until=today
    )
    file = {"file": ContentFile(b"x", name="x"), "wrapped_key": b"x", "sha256": "0", "size": 1}
    return [
        invoice,
        invoice.lines.get(),
        InvoiceDocument.objects.create(invoice=invoice, made_at=now, **file),
        Payment.objects.create(invoice=invoice, method="cash", amount=1, received_on=today, noted_at=now),
        OnlinePayment.objects.create(invoice=invoice, amount=1, opened_at=now),
        InvoiceReminder.objects.create(
            invoice=invoice, tone="firm", after_working_days=27, reminded_at=now, by_post=False
        ),
        draft,
        draft.lines.get(),
        estimate,
        EstimateLine.objects.create(estimate=estimate, position=1, designation=words, quantity=1, unit_price=1),
    ]


def on_the_landlords_side(intervention, words, *, agent, now):
    """What its duty manager decided, what its software got, what its day team took over."""
    decision = DutyDecision.objects.create(intervention=intervention, question=words, asked_at=now, asked_by=agent)
    webhook = Webhook.objects.create(
        landlord=intervention.landlord, url="https://bailleur.example/", secret="x", created_at=now, created_by=agent
    )
    report = NightReport.objects.create(
        landlord=intervention.landlord, from_at=now - timedelta(days=1), until_at=now, made_at=now
    )
    return [
        decision,
        DutyCall.objects.create(decision=decision, called_at=now, reached=False, by=agent),
        WebhookDelivery.objects.create(
            webhook=webhook,
            event=WebhookDelivery.Event.OPENED,
            intervention=intervention,
            happened_at=now,
            expires_at=now,
            next_try_at=now,
        ),
        NightReportLine.objects.create(report=report, intervention=intervention, kind="open"),
    ]


def told_of(person, model, *, now=None):
    dataset = registry.datasets[model]
    account = User.objects.filter(person=person).values_list("pk", flat=True).first()
    return [told(row, dataset, person, account=account) for row in pieces(dataset, person, now=now or timezone.now())]


def add_requests(person, *, now):
    """What is kept of the rights that the person exercises."""
    request = RightsRequest.objects.create(person=person, right="access", received_on=now.date())
    return [
        request,
        Restriction.objects.create(person=person, reason="Contestée", started_at=now, started_by=UserFactory()),
        RequestStep.objects.create(request=request, kind="received", at=now),
        Letter.objects.create(request=request, kind="answer", text="Voici.", written_at=now),
        RequesterDocument.objects.create(
            request=request, kind="card", received_at=now, file="identity/x", wrapped_key=b"x", size=1
        ),
        MatchedRecord.objects.create(request=request, person=PersonFactory()),
        ExportPackage.objects.create(request=request, started_at=now),
        RequestCopy.objects.create(
            request=request, source_id=1, of_at=now, copied_at=now, file="copies/x", wrapped_key=b"x", size=1
        ),
        Erasure.objects.create(request=request, begun_at=now),
        SuggestionReview.objects.create(request=request, suggestion="priority", object_id=1, asked_at=now),
        RectificationItem.objects.create(
            request=request, model="accounts.Person", object_id=person.pk, field="email", proposed="x", proposed_at=now
        ),
        RecipientNotice.objects.create(request=request, recipient_kind="trades", recipient_name="X", made_at=now),
    ]


# Whole ----------------------------------------------------------------------------------------------------------------


def test_every_dataset_about_people_is_told_and_each_has_its_page(client):
    person = tenant(client)
    rows = [*one_of_everything(person), *add_requests(person, now=timezone.now())]
    assert {type(row) for row in rows} == {dataset.model for dataset in ABOUT_PEOPLE}
    page = client.get("/portail/mes-donnees/").content.decode()
    for dataset in ABOUT_PEOPLE:
        address = f"/portail/mes-donnees/{dataset.model._meta.label_lower}/"
        assert f'href="{address}"' in page, dataset.name
        detail = client.get(address)
        assert '<ul class="pieces">' in detail.content.decode(), dataset.name


def test_nothing_of_anybody_else_is_shown(client):
    other = PersonFactory(family_name=CANARY, email=f"{CANARY}@exemple.example")
    one_of_everything(other, words=CANARY)
    person = tenant(client)
    one_of_everything(person)
    assert Intervention.objects.filter(description=CANARY).exists()
    for address in ("", *(f"{dataset.model._meta.label_lower}/" for dataset in ABOUT_PEOPLE)):
        assert CANARY not in client.get(f"/portail/mes-donnees/{address}").content.decode(), address


@pytest.mark.parametrize("speaker", ["neighbour", "relative on the telephone"])
def test_what_another_person_said_in_the_same_row_is_not_shown(client, speaker):
    person, other = tenant(client), PersonFactory(family_name=CANARY)
    now = timezone.now()
    if speaker == "neighbour":
        InterventionFactory(
            occupant=person, reported_by=other, opened_at=now, description=CANARY, contact_number="+33612340000"
        )
        address = "interventions.intervention"
    else:
        call = CallFactory(caller=other, on_behalf_of=person, from_number="+33612340000", started_at=now)
        LogEntry.objects.create(call=call, at=now, author=UserFactory(), text=CANARY)
        address = "callcenter.logentry"
    page = client.get(f"/portail/mes-donnees/{address}/").content.decode()
    assert "Masqué, pour une autre personne" in page
    assert CANARY not in page
    assert "12\N{NO-BREAK SPACE}34\N{NO-BREAK SPACE}00\N{NO-BREAK SPACE}00" not in page


def test_staff_is_told_as_agent(client):
    person = tenant(client)
    agent = UserFactory(full_name=CANARY)
    intervention = InterventionFactory(occupant=person, opened_at=timezone.now())
    Transition.objects.create(intervention=intervention, to_status=Status.RECEIVED, at=timezone.now(), by=agent)
    page = client.get("/portail/mes-donnees/interventions.transition/").content.decode()
    assert "<dd>Agent</dd>" in page
    assert CANARY not in page


def test_secrets_and_hashes_are_named_and_never_shown(client):
    person = tenant(client)
    User.objects.filter(person=person).update(password="argon2-secret")
    client.force_login(User.objects.get(person=person))
    one_of_everything(person)
    shown = "".join(
        client.get(f"/portail/mes-donnees/{dataset.model._meta.label_lower}/").content.decode()
        for dataset in ABOUT_PEOPLE
    )
    for secret in ("argon2-secret", f"{person.pk}:hash", "empreinte-secrete", f"cle{person.pk}", "JBSWY3DP", "123456"):
        assert secret not in shown
    assert "mot de passe" in shown
    assert "empreinte du lien" in shown


def test_every_field_that_is_shown_has_a_name_in_words():
    """A reader is not told the identifiers of the code."""
    nameless = [
        f"{dataset.name}.{name}"
        for dataset in ABOUT_PEOPLE
        for data in dataset.data
        for name in data.fields
        if (found := dataset.model._meta.get_field(name))
        and not isinstance(found, (models.ForeignKey, models.GeneratedField))
        and name not in dataset.words
        and not is_named(found)
    ]
    assert nameless == []


def test_every_dataset_and_reason_has_words_of_its_own():
    assert set(DATASETS) == {dataset.model._meta.label_lower for dataset in ABOUT_PEOPLE}
    assert {without_day_while(dataset) for dataset in ABOUT_PEOPLE} - {""} == set(WITHOUT_DAY)


# Until when -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "model",
    [
        Intervention,
        Call,
        LogEntry,
        Recording,
        Photo,
        TenantMessage,
        SurveyAnswer,
        Complaint,
        Invoice,
        PersonalLink,
        ReportDraft,
        OneTimeCode,
        OutgoingMessage,
        SafetyAlert,
        IdentityDocument,
        UserSession,
    ],
)
def test_the_day_that_is_said_is_the_day_the_purge_takes_it(model):
    now = timezone.now()
    person = PersonFactory()
    one_of_everything(person, now=now)
    Complaint.objects.update(answered_at=now)
    mine = next(holding for holding in holdings(person, now=now) if holding.dataset.model is model)
    assert mine.first_on == mine.last_on
    midnight = datetime.combine(mine.first_on, time(), PARIS)
    purge(now=midnight - timedelta(seconds=1), commit=True)
    assert model.objects.exists()
    # What ends at a moment does not wait for the next day.
    purge(now=midnight + timedelta(days=1, seconds=-1), commit=True)
    assert not model.objects.exists()


def test_what_goes_on_has_no_day_yet_and_says_why(client):
    person = tenant(client)
    TenancyFactory(person=person)
    consent.give(person, purpose="surveys", channel="portal", by=None, now=timezone.now())
    found = {holding.dataset.model: holding for holding in holdings(person, now=timezone.now())}
    assert [found[model].without_day for model in (Tenancy, ConsentEvent, Person)] == [1, 1, 1]
    page = client.get("/portail/mes-donnees/").content.decode()
    for reason in ("la location est en cours", "l’accord est toujours donné", "le compte sert", "autre chose de vous"):
        assert reason in page


def test_a_withdrawn_consent_has_its_day():
    person, now = PersonFactory(), timezone.now()
    consent.give(person, purpose="surveys", channel="portal", by=None, now=now - timedelta(days=9))
    consent.withdraw(person, purpose="surveys", channel="portal", by=None, now=now)
    days = {piece.goes_on for piece in told_of(person, ConsentEvent, now=now)}
    assert len(days) == 1
    purge(now=datetime.combine(days.pop(), time(), PARIS), commit=True)
    assert not ConsentEvent.objects.exists()


def test_a_shorter_contract_brings_the_day_forward():
    person, now = PersonFactory(), timezone.now()
    landlord = LandlordFactory(retention_months=3)
    mine = InterventionFactory(occupant=person, status=Status.CLOSED, opened_at=now)
    before = told_of(person, Intervention, now=now)[0].goes_on
    Intervention.objects.filter(pk=mine.pk).update(landlord=landlord)
    assert told_of(person, Intervention, now=now)[0].goes_on < before


def test_what_is_held_says_so(client):
    person = tenant(client)
    InterventionFactory(occupant=person, status=Status.CLOSED, opened_at=timezone.now())
    assert "retenu" not in client.get("/portail/mes-donnees/").content.decode()
    RightsRequest.objects.create(person=person, right="access", received_on=timezone.localdate())
    page = client.get("/portail/mes-donnees/").content.decode()
    assert "Une de vos demandes est en cours" in page
    assert "retenu" in page
    assert (
        "Retenu au-delà de sa date" in client.get("/portail/mes-donnees/interventions.intervention/").content.decode()
    )


# The pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["", "interventions.intervention/", "callcenter.logentry/", "accounts.phone/"])
def test_twelve_queries_at_any_size(client, address, django_assert_max_num_queries):
    person = tenant(client)
    for _ in range(3):
        now = timezone.now()
        mine = InterventionFactory(occupant=person, opened_at=now)
        LogEntry.objects.create(intervention=mine, at=now, author=UserFactory(), text="…")
        PhoneFactory(person=person)
        with django_assert_max_num_queries(12):
            client.get(f"/portail/mes-donnees/{address}")


@pytest.mark.parametrize("name", ["interventions.landlord", "interventions.incident", "nothing.nothing"])
def test_what_is_about_nobody_has_no_page(client, name):
    tenant(client)
    assert client.get(f"/portail/mes-donnees/{name}/").status_code == 404


def test_a_link_opens_nobody_s_data(client):
    assert client.get("/portail/mes-donnees/").status_code == 302
    client.force_login(UserFactory(role=Role.AGENT))
    assert client.get("/portail/mes-donnees/").status_code == 403
