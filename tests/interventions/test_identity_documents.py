"""A copy of an identity document: encrypted, seen by who verifies it alone, gone at the click that verifies it."""

import io
from datetime import datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.roles import Role
from interventions import identity_documents, subscriptions
from interventions.models import IdentityDocument, Subscription
from privacy.models import JournalEntry, OutgoingMessage
from privacy.registry import registry
from privacy.retention.due import PARIS
from privacy.retention.purge import purge
from privacy.retention.report import retention_report
from privacy.subjects import holdings
from tests.factories import PersonFactory, TenancyFactory, UserFactory

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7\ncanari-piece"
HERE = "/portail/abonnement/"
DESK = "/console/abonnements/"


@pytest.fixture
def supervisor():
    return UserFactory(role=Role.SUPERVISOR)


@pytest.fixture
def subscription(supervisor):
    """Asked for, and somebody doubts who asked."""
    person = PersonFactory(email="moi@exemple.example")
    tenancy = TenancyFactory(person=person)
    asked = subscriptions.ask(person, landlord=tenancy.landlord, now=timezone.now())
    subscriptions.ask_who(asked, by=supervisor, now=timezone.now())
    return asked


@pytest.fixture
def tenant(client, subscription):
    client.force_login(UserFactory(role=Role.TENANT, person=subscription.person))
    return client


def send(client, subscription, content=PDF, name="piece.pdf"):
    return client.post(f"{HERE}{subscription.pk}/piece/", {"kind": "card", "file": SimpleUploadedFile(name, content)})


def picture():
    written = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "canari-exif"
    Image.new("RGB", (60, 40), "navy").save(written, "JPEG", exif=exif)
    return written.getvalue()


def stored(media):
    return [path.read_bytes() for path in media.rglob("*") if path.is_file()]


def kept(subscription, *, now=None):
    return identity_documents.add(subscription, kind="card", stream=io.BytesIO(PDF), now=now or timezone.now())


# In -------------------------------------------------------------------------------------------------------------------


def test_a_copy_is_encrypted_and_comes_back_to_who_verifies(tenant, subscription, supervisor, media, client):
    assert send(tenant, subscription).url == HERE
    (content,) = stored(media)
    assert b"canari" not in content
    document = IdentityDocument.objects.get()
    client.force_login(supervisor)
    response = client.get(f"{DESK}pieces/{document.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert JournalEntry.objects.filter(action="read", object_id=document.pk, actor_id=supervisor.pk).exists()


def test_a_picture_is_made_anew(tenant, subscription):
    content = picture()
    assert b"canari-exif" in content
    send(tenant, subscription, content, "carte.jpg")
    document = IdentityDocument.objects.get()
    assert document.content_type == "image/jpeg"
    clear = b"".join(identity_documents.clear_pieces(document))
    assert Image.open(io.BytesIO(clear)).size == (60, 40)
    assert b"canari" not in clear


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "vide.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "carte.svg"),
        (b"MZ\x90\x00", "carte.jpg"),
        (b"<html>%PDF-1.7", "page.pdf"),
        (PDF + bytes(identity_documents.MOST_BYTES), "lourd.pdf"),
    ],
)
def test_what_is_no_document_is_refused_and_nothing_of_it_is_kept(tenant, subscription, content, name, media):
    response = send(tenant, subscription, content, name)
    assert response.status_code == 200
    assert "errorlist" in response.content.decode()
    assert not IdentityDocument.objects.exists()
    assert stored(media) == []


def test_another_copy_takes_the_place_of_the_first(tenant, subscription, media, django_capture_on_commit_callbacks):
    send(tenant, subscription)
    with django_capture_on_commit_callbacks(execute=True):
        send(tenant, subscription, PDF + b"2")
    assert IdentityDocument.objects.count() == 1
    assert len(stored(media)) == 1


def test_nobody_sends_a_document_that_was_not_asked_for(client, media):
    person = PersonFactory()
    asked = subscriptions.ask(person, landlord=TenancyFactory(person=person).landlord, now=timezone.now())
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    assert send(client, asked).status_code == 404
    with pytest.raises(identity_documents.NotAsked):
        kept(asked)
    assert stored(media) == []


# Seen -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", sorted(set(Role) - identity_documents.VERIFYING_ROLES))
def test_who_does_not_verify_sees_nothing_and_does_nothing(client, subscription, role):
    document = kept(subscription)
    client.force_login(UserFactory(role=role, person=PersonFactory() if role == Role.TENANT else None))
    assert client.get(f"{DESK}pieces/{document.pk}/").status_code == 404
    assert client.get(DESK).status_code == 404
    assert client.post(f"{DESK}pieces/{document.pk}/verifier/", {"act": "verified"}).status_code == 404
    assert client.post(f"{DESK}{subscription.pk}/", {"act": "accept"}).status_code == 404
    document.refresh_from_db()
    assert document.verified_at is None


@pytest.mark.parametrize("role", sorted(identity_documents.VERIFYING_ROLES))
def test_who_verifies_does_so_and_then_accepts(client, subscription, role, media, django_capture_on_commit_callbacks):
    document = kept(subscription)
    somebody = UserFactory(role=role)
    client.force_login(somebody)
    assert subscription.person.full_name in client.get(DESK).content.decode()
    client.post(f"{DESK}{subscription.pk}/", {"act": "accept"})
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.ASKED  # not before
    assert len(stored(media)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{DESK}pieces/{document.pk}/verifier/", {"act": "verified"})
    document.refresh_from_db()
    assert (document.verified_by, document.kind, document.file.name, document.wrapped_key) == (
        somebody,
        "card",
        "",
        None,
    )
    assert stored(media) == []
    assert client.get(f"{DESK}pieces/{document.pk}/").status_code == 404
    client.post(f"{DESK}{subscription.pk}/", {"act": "accept"})
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.ACTIVE
    actions = set(JournalEntry.objects.filter(actor_id=somebody.pk).values_list("action", flat=True))
    assert {"verify_identity", "accept_subscription"} <= actions


def test_a_copy_that_cannot_be_used_leaves_nothing(
    client, subscription, supervisor, media, django_capture_on_commit_callbacks
):
    document = kept(subscription)
    client.force_login(supervisor)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{DESK}pieces/{document.pk}/verifier/", {"act": "unusable"})
    assert not IdentityDocument.objects.exists()
    assert stored(media) == []


def test_the_tenant_is_told_by_a_link_alone(subscription):
    message = OutgoingMessage.objects.get()
    assert (message.kind, message.person) == ("identity_asked", subscription.person)
    assert message.said()["link"].endswith(HERE)


# Gone -----------------------------------------------------------------------------------------------------------------


def test_it_goes_after_thirty_days_at_most_and_cannot_be_opened_from_then_on(client, subscription, supervisor, media):
    now = timezone.now()
    document = kept(subscription, now=now)
    day = next(
        each.first_on for each in holdings(subscription.person, now=now) if each.dataset.model is IdentityDocument
    )
    assert day == timezone.localdate(now) + timedelta(days=30)
    midnight = datetime.combine(day, time(), PARIS)
    assert IdentityDocument.objects.waiting(now=midnight - timedelta(seconds=1)).exists()
    assert not IdentityDocument.objects.waiting(now=midnight).exists()
    purge(now=midnight - timedelta(seconds=1), commit=True)
    assert IdentityDocument.objects.filter(pk=document.pk).exists()
    purge(now=midnight, commit=True)
    assert not IdentityDocument.objects.exists()
    assert stored(media) == []


def test_the_trace_goes_with_the_subscription(subscription, supervisor):
    now = timezone.now()
    identity_documents.verify(kept(subscription), by=supervisor, now=now)
    subscriptions.accept(subscription, by=supervisor, now=now)
    subscriptions.end(subscription, by=supervisor, now=now)
    purge(now=now + timedelta(days=400), commit=True)
    assert IdentityDocument.objects.exists()
    purge(now=now + timedelta(days=430), commit=True)
    assert not Subscription.objects.exists()
    assert not IdentityDocument.objects.exists()


def test_the_end_of_a_subscription_leaves_no_copy_behind(
    tenant, subscription, media, django_capture_on_commit_callbacks
):
    send(tenant, subscription)
    assert len(stored(media)) == 1
    with django_capture_on_commit_callbacks(execute=True):
        tenant.post(f"{HERE}{subscription.pk}/fin/")
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.ENDED
    assert stored(media) == []


def test_what_nobody_answered_goes_too():
    person = PersonFactory()
    now = timezone.now()
    subscriptions.ask(person, landlord=TenancyFactory(person=person).landlord, now=now)
    purge(now=now + timedelta(days=430), commit=True)
    assert not Subscription.objects.exists()


def test_the_dpo_s_table_says_that_it_is_applied():
    report = next(report for report in retention_report(now=timezone.now()) if report.row.key == "identity_documents")
    assert report.models == ["interventions.IdentityDocument", "privacy.RequesterDocument"]
    assert registry.datasets[IdentityDocument].files == ("file",)


# The subscription -----------------------------------------------------------------------------------------------------


def test_a_tenant_asks_once_for_their_own_landlord_s_service(client):
    person = PersonFactory()
    tenancy, elsewhere = TenancyFactory(person=person), TenancyFactory()
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    assert tenancy.landlord.name in client.get(HERE).content.decode()
    for _ in range(2):
        client.post(f"{HERE}{tenancy.landlord_id}/")
    assert Subscription.objects.get().person == person
    assert client.post(f"{HERE}{elsewhere.landlord_id}/").status_code == 404
    assert "Demandé" in client.get(HERE).content.decode()


@pytest.mark.parametrize("act", ["piece", "fin"])
def test_somebody_else_s_subscription_is_not_found(client, subscription, act):
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    assert client.post(f"{HERE}{subscription.pk}/{act}/").status_code == 404
    subscription.refresh_from_db()
    assert subscription.state == Subscription.State.ASKED
