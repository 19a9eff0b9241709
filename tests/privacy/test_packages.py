"""The copy from the request to the download: nothing leaves unread, to nobody else, nor twice."""

import errno
import io
import json
import resource
import signal
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from privacy import long_files
from privacy.addresses import addresses_of
from privacy.encrypted_files import clear_pieces
from privacy.models import ExportPackage, JournalEntry, OutgoingMessage, ReviewedText, RightsRequest
from privacy.registry import registry
from privacy.retention.files import sweep
from privacy.retention.purge import purge
from privacy.rights import access, links, packages, portability, workflow
from privacy.rights.links import LinkGone, TooManyCodes
from privacy.rights.packages import masked
from privacy.rights.workflow import IdentityMissing, RequestError
from privacy.tasks import make_packages
from tests.factories import (
    CallFactory,
    ComplaintFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CANARY = "Canari-Zygomatique"
THIRD = "Madame Hippocampe"


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


@pytest.fixture
def person():
    found = PersonFactory(family_name=CANARY, email="canari@exemple.example")
    PhoneFactory(person=found, number="+33612345678")
    return found


def asked(person, *, right="access", identity="signed_in", now=None):
    now = now or timezone.now()
    return workflow.receive(
        person, right=right, channel="portal", received_on=timezone.localdate(now), identity=identity, by=None, now=now
    )


def worked(package, *, now=None):
    packages.work_on(package.pk, now=now or timezone.now())
    package.refresh_from_db()
    return package


def read_all(package, *, by, passages=(), now=None):
    for text, words in packages.with_words(list(package.texts.filter(checked_at=None))):
        found = [passage for passage in passages if passage in words]
        packages.check_text(text, words=words, passages=found, whole=text.whole, now=now or timezone.now())
    packages.finish_review(package, by=by, now=now or timezone.now())
    package.refresh_from_db()


def built(request, *, by, passages=()):
    package = worked(packages.prepare(request, by=by, now=timezone.now()))
    if package.reviewed_at is None:
        read_all(package, by=by, passages=passages)
        worked(package)
    assert package.built_at is not None
    return package


def released(request, *, by, now=None):
    """Returns the package and the token of its link."""
    package = built(request, by=by)
    workflow.decide(request, outcome="granted", by=by, now=timezone.now())
    to = addresses_of(request.person)[0]
    return package, packages.release(package, to=to, by=by, now=now or timezone.now())


def clear(package):
    pieces = clear_pieces(package.file, wrapped=package.wrapped_key, size=package.size)
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def page_of(package):
    return clear(package).read("vos-donnees.html").decode()


# Building -------------------------------------------------------------------------------------------------------------


def test_it_is_sealed_and_opens_with_its_key_alone(person, dpo):
    package = built(asked(person), by=dpo)
    with package.file.open("rb") as stored:
        sealed = stored.read()
    assert CANARY in page_of(package)
    assert CANARY.encode() not in sealed
    assert not sealed.startswith(b"PK")
    assert json.loads(clear(package).read("donnees.json"))["request"] == package.request.reference
    assert (package.done, package.percent) == (package.total, 100)


def test_nothing_is_prepared_for_nobody_knows_whom(person, dpo):
    with pytest.raises(IdentityMissing):
        packages.prepare(asked(person, identity=""), by=dpo, now=timezone.now())
    with pytest.raises(RequestError, match="ne demande pas de copie"):
        packages.prepare(asked(person, right="erasure"), by=dpo, now=timezone.now())


def test_asked_twice_it_is_made_once(person, dpo):
    request = asked(person)
    first = packages.prepare(request, by=dpo, now=timezone.now())
    assert packages.prepare(request, by=dpo, now=timezone.now()) == first
    built_at = built(request, by=dpo).built_at
    assert worked(first).built_at == built_at


def test_what_a_lost_task_left_is_found_by_the_clock(person, dpo, monkeypatch):
    package = packages.prepare(asked(person), by=dpo, now=timezone.now())
    found = []
    monkeypatch.setattr("privacy.tasks.make_package.delay", found.append)
    make_packages()
    assert found == [package.pk]
    worked(package)
    make_packages()
    assert found == [package.pk]


def test_a_full_disk_says_so_leaves_nothing_and_goes_on_later(person, dpo, media, monkeypatch):
    """The limit on a file’s size stands in for the disk."""
    monkeypatch.setattr(long_files, "FULL", (errno.EFBIG,))
    for _ in range(60):
        ComplaintFactory(person=person, opened_at=timezone.now())
    package = worked(packages.prepare(asked(person), by=dpo, now=timezone.now()))
    read_all(package, by=dpo)
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        worked(package)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert package.failure == ExportPackage.Failure.DISK_FULL
    assert "Le disque est plein" in package.get_failure_display()
    assert package.built_at is None
    assert list((media / "packages").iterdir()) == []
    assert package.texts.filter(checked_at=None).count() == 0  # what was read again is not lost
    assert worked(package).built_at is not None
    assert package.failure == ""


def test_a_portable_copy_needs_no_reading_again(person, dpo):
    package = worked(packages.prepare(asked(person, right="portability"), by=dpo, now=timezone.now()))
    assert package.built_at is not None
    assert CANARY in clear(package).read("csv/accounts.person.csv").decode()


# Reading again --------------------------------------------------------------------------------------------------------


def test_nothing_is_built_before_every_text_is_read(person, dpo):
    now = timezone.now()
    own = InterventionFactory(occupant=person, opened_at=now, description="")
    LogEntryFactory(intervention=own, at=now, text=f"{CANARY} dit que {THIRD} crie la nuit")
    package = worked(packages.prepare(asked(person), by=dpo, now=now))
    (text,) = package.texts.all()
    assert package.reviewed_at is None
    assert worked(package).built_at is None
    with pytest.raises(RequestError, match="restent à relire"):
        packages.finish_review(package, by=dpo, now=now)
    with pytest.raises(RequestError, match="pas encore prête"):
        packages.release(package, to=person.email, by=dpo, now=now)
    read_all(package, by=dpo, passages=[THIRD])
    page = page_of(worked(package))
    assert f"{CANARY} dit que […] crie la nuit" in page
    assert THIRD not in page
    assert THIRD not in clear(package).read("donnees.json").decode()
    assert THIRD not in json.dumps(list(ReviewedText.objects.filter(pk=text.pk).values()), default=str)


def test_texts_of_rows_with_others_come_masked_and_may_be_shown(person, dpo):
    now = timezone.now()
    call = CallFactory(caller=PersonFactory(), on_behalf_of=person, started_at=now)
    LogEntryFactory(call=call, at=now, text=f"Le voisin dit que {CANARY} est absente")
    package = built(asked(person), by=dpo)
    assert package.texts.get().shared
    assert "est absente" not in page_of(package)
    text = package.texts.get()
    packages.begin_again(package, by=dpo, now=now)
    text.refresh_from_db()
    (_, words), *_ = packages.with_words([text])
    packages.check_text(text, words=words, passages=[], whole=False, now=now)
    worked(package)
    assert "est absente" in page_of(worked(package))


def test_a_text_that_came_or_changed_since_sends_it_back(person, dpo):
    now = timezone.now()
    own = InterventionFactory(occupant=person, opened_at=now, description="")
    entry = LogEntryFactory(intervention=own, at=now, text="Lu")
    package = worked(packages.prepare(asked(person), by=dpo, now=now))
    read_all(package, by=dpo)
    own.description = f"{THIRD} a appelé"
    own.save()
    worked(package)
    assert (package.built_at, package.reviewed_at) == (None, None)
    assert package.texts.get(checked_at=None).object_id == own.pk
    assert package.texts.exclude(checked_at=None).get().object_id == entry.pk
    read_all(package, by=dpo, passages=[THIRD])
    assert THIRD not in page_of(worked(package))


def test_a_passage_that_is_not_there_is_refused(person, dpo):
    ComplaintFactory(person=person, subject="Bruit", opened_at=timezone.now())
    package = worked(packages.prepare(asked(person), by=dpo, now=timezone.now()))
    (text, words), *_ = packages.with_words(list(package.texts.all()))
    with pytest.raises(RequestError, match="n’est pas dans le texte"):
        packages.check_text(text, words=words, passages=["silence"], whole=False, now=timezone.now())
    with pytest.raises(RequestError, match="a changé"):
        packages.check_text(text, words="Autre chose", passages=[], whole=False, now=timezone.now())
    text.refresh_from_db()
    assert text.checked_at is None


@pytest.mark.parametrize(
    ("masks", "expected"),
    [
        ([], "abcdef"),
        ([[1, 3]], "a[…]def"),
        ([[0, 6]], "[…]"),
        ([[1, 4], [2, 3]], "a[…]ef"),
        ([[1, 3], [2, 5]], "a[…]f"),
        ([[1, 2], [4, 5]], "a[…]cd[…]f"),
    ],
)
def test_passages_may_overlap(masks, expected):
    assert masked("abcdef", masks) == expected


# Handing out ----------------------------------------------------------------------------------------------------------


def test_execute_releases_it_and_tells_the_person(person, dpo):
    request = asked(person)
    with pytest.raises(RequestError, match="Préparez"):
        access.execute(request, by=dpo, now=timezone.now())
    package = built(request, by=dpo)
    with pytest.raises(RequestError, match="Rien n’a été accordé"):
        access.execute(request, by=dpo, now=timezone.now())
    assert not OutgoingMessage.objects.exists()
    workflow.decide(request, outcome="granted", by=dpo, now=timezone.now())
    counts = access.execute(request, by=dpo, now=timezone.now())
    request.refresh_from_db()
    assert counts["rows"] == package.total > 0
    assert request.executed_at is not None
    assert OutgoingMessage.objects.get().kind == "package_ready"
    actions = JournalEntry.objects.filter(model="privacy.ExportPackage").values_list("action", flat=True)
    assert {"prepare_copy", "release_copy"} <= set(actions)


@pytest.mark.parametrize("right", ["access", "portability"])
def test_the_plan_says_what_there_would_be(person, right):
    request = asked(person, right=right)
    plan = {"access": access, "portability": portability}[right].plan(request, now=timezone.now())
    assert "accounts.Person" in [holding.dataset.name for holding in plan.holdings]
    assert (plan.package, plan.addresses) == (None, ["+33612345678", "canari@exemple.example"])
    assert ("privacy.RightsRequest" in [holding.dataset.name for holding in plan.holdings]) is (right == "access")


def test_an_address_of_a_relative_is_nobody_s_to_send_to(person, dpo):
    PhoneFactory(person=person, number="+33699999999", kind="relative")
    package = built(asked(person), by=dpo)
    for to in ("+33699999999", "autre@exemple.example", ""):
        with pytest.raises(RequestError, match="que nous connaissons"):
            packages.release(package, to=to, by=dpo, now=timezone.now())


def last_code():
    """The code that was last sent."""
    message = OutgoingMessage.objects.filter(kind="package_code").latest("pk")
    return message.said()["code"]


def test_with_a_code_it_is_fetched_once(client, person, dpo):
    _package, token = released(asked(person), by=dpo)
    address = reverse("privacy:package", args=[token])
    page = client.get(address)
    assert page.status_code == 200
    assert "Envoyer un code à" in page.content.decode()
    assert "12345678" not in page.content.decode().replace("\N{NO-BREAK SPACE}", "")
    assert client.post(address, {"to": "0"}).url == f"{address}?code"
    code = last_code()
    wrong = client.post(address, {"code": "000000" if code != "000000" else "111111"})
    assert wrong.status_code == 422
    response = client.post(address, {"code": code})
    assert response["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))
    assert CANARY in archive.read("vos-donnees.html").decode()
    assert "no-store" in response["Cache-Control"]
    for again in (client.get(address), client.post(address, {"code": code})):
        assert again.status_code == 410
    assert JournalEntry.objects.filter(action="download_copy").count() == 1


def test_signed_in_it_needs_no_code(client, person, dpo):
    _package, token = released(asked(person), by=dpo)
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    response = client.post(reverse("privacy:package", args=[token]))
    assert response["Content-Type"] == "application/zip"
    assert b"".join(response.streaming_content)


@pytest.mark.parametrize("who", ["neighbour", "agent", "dpo", "nobody"])
def test_the_link_alone_opens_nothing(client, person, dpo, who):
    package, token = released(asked(person), by=dpo)
    if who == "neighbour":
        client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    elif who != "nobody":
        client.force_login(UserFactory(role=who))
    response = client.post(reverse("privacy:package", args=[token]), {"code": "123456"})
    assert response.status_code == 422
    package.refresh_from_db()
    assert package.fetched_at is None


def test_it_lasts_seven_days_and_a_new_link_kills_the_old_one(client, person, dpo):
    now = timezone.now()
    package, token = released(asked(person), by=dpo, now=now)
    assert packages.find_package(token, now=now + timedelta(days=7) - timedelta(seconds=1)) == package
    with pytest.raises(LinkGone):
        packages.find_package(token, now=now + timedelta(days=7))
    packages.release(package, to=person.email, by=dpo, now=now)
    with pytest.raises(LinkGone):
        packages.find_package(token, now=now)
    assert client.get(reverse("privacy:package", args=["x" * 43])).status_code == 410


def test_nobody_is_flooded_with_codes(client, person, dpo):
    package, token = released(asked(person), by=dpo)
    for _ in range(links.CODES_AN_HOUR):
        packages.send_code(package, to=person.email, now=timezone.now())
    with pytest.raises(TooManyCodes):
        packages.send_code(package, to=person.email, now=timezone.now())
    assert client.post(reverse("privacy:package", args=[token]), {"to": "0"}).status_code == 429


# Afterwards -----------------------------------------------------------------------------------------------------------


def test_it_is_purged_a_month_after_it_was_released(person, dpo):
    now = timezone.now()
    package, _ = released(asked(person), by=dpo, now=now)
    path = package.file.name
    purge(now=now + timedelta(days=29), commit=True)
    assert default_storage.exists(path)
    purge(now=now + timedelta(days=31), commit=True)
    assert not ExportPackage.objects.exists()
    assert not ReviewedText.objects.exists()
    assert not default_storage.exists(path)
    assert RightsRequest.objects.exists()


def test_begun_again_the_old_file_goes(person, dpo, django_capture_on_commit_callbacks):
    package = built(asked(person), by=dpo)
    path = package.file.name
    assert default_storage.exists(path)
    with django_capture_on_commit_callbacks(execute=True):
        packages.begin_again(package, by=dpo, now=timezone.now())
    assert not default_storage.exists(path)
    package.refresh_from_db()
    assert (package.built_at, package.token_hash) == (None, "")


def test_no_file_is_without_its_row(person, dpo):
    built(asked(person), by=dpo)
    found = sweep(registry=registry, now=timezone.now() + timedelta(days=2), commit=False)
    assert (found.orphans, found.missing) == ([], [])


# The DPO's pages ------------------------------------------------------------------------------------------------------


def test_the_dpo_goes_from_the_request_to_the_release(client, person, dpo):
    now = timezone.now()
    own = InterventionFactory(occupant=person, opened_at=now, description="")
    LogEntryFactory(intervention=own, at=now, text=f"{THIRD} crie la nuit")
    request = asked(person)
    workflow.decide(request, outcome="granted", by=dpo, now=now)
    client.force_login(dpo)
    page = reverse("admin:rights_package", args=[request.pk])
    assert "Préparer la copie" in client.get(page).content.decode()
    client.post(reverse("admin:rights_package_prepare", args=[request.pk]))
    assert 'http-equiv="refresh"' in client.get(page).content.decode()
    package = worked(ExportPackage.objects.get())
    assert "1 sur 1 à relire" in client.get(page).content.decode()
    review = reverse("admin:rights_package_review", args=[request.pk])
    assert f"{THIRD} crie la nuit" in client.get(review).content.decode()
    prefix = f"text{package.texts.get().pk}"
    refused = client.post(review, {f"{prefix}-passages": "Quelqu’un d’autre"})
    assert refused.status_code == 422
    assert "n’est pas dans le texte" in refused.content.decode()
    assert client.post(review, {f"{prefix}-passages": THIRD}).url == page
    client.post(reverse("admin:rights_package_finish", args=[request.pk]))
    worked(package)
    assert "Prête le" in client.get(page).content.decode()
    client.post(reverse("admin:rights_package_release", args=[request.pk]), {"to": "1"})
    request.refresh_from_db()
    assert request.executed_at is not None
    assert OutgoingMessage.objects.get().channel == "mail"
    assert THIRD not in page_of(package)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ACCOUNTING, Role.AGENT, Role.TENANT])
def test_nobody_else_prepares_reads_or_releases(client, person, dpo, role):
    request = asked(person)
    built(request, by=dpo)
    client.force_login(UserFactory(role=role, person=PersonFactory() if role == Role.TENANT else None))
    for name in ("", "_review"):
        assert client.get(reverse(f"admin:rights_package{name}", args=[request.pk])).status_code in (302, 403)
    for name in ("_prepare", "_finish", "_release", "_match"):
        assert client.post(reverse(f"admin:rights_package{name}", args=[request.pk])).status_code in (302, 403)
    assert not OutgoingMessage.objects.exists()


def test_a_record_is_joined_by_its_number(client, person, dpo):
    request, other = asked(person), PersonFactory()
    client.force_login(dpo)
    client.post(reverse("admin:rights_package_match", args=[request.pk]), {"record": "999999"})
    assert not request.matched_records.exists()
    client.post(reverse("admin:rights_package_match", args=[request.pk]), {"record": str(other.pk)})
    assert request.matched_records.get().person == other
    assert f"{other.pk}" in client.get(reverse("admin:rights_package", args=[request.pk])).content.decode()
