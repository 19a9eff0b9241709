"""Tenants' photos: pictures only, made anew, encrypted; and of what is refused nothing is left."""

import io
import socketserver
import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from accounts.roles import Role
from interventions import photos, reports
from interventions.models import Intervention, PersonalLink, Photo, ReportDraft, Status
from interventions.personal_links import issue_link
from interventions.photos import Refused, add_photo, pixels
from privacy.retention.purge import purge
from tests.factories import InterventionFactory, PersonFactory, TenancyFactory, UserFactory
from tests.interventions.portal.pictures import (
    CANARY,
    EICAR,
    HEIC,
    PDF,
    SVG,
    a_zip,
    drawing,
    phone_photo,
    png_that_unpacks,
    written,
)

pytestmark = pytest.mark.django_db

PHOTO = phone_photo()


def draft_of(person=None, *, now=None):
    person = person or PersonFactory()
    TenancyFactory(person=person)
    return reports.start_draft(person, now=now or timezone.now())


def added(draft, content=PHOTO):
    return add_photo(draft, stream=io.BytesIO(content), now=timezone.now())


def clear(photo, *, thumbnail=False):
    return b"".join(pixels(Photo.objects.get(pk=photo.pk), thumbnail=thumbnail))


def seen(photo, *, thumbnail=False):
    return Image.open(io.BytesIO(clear(photo, thumbnail=thumbnail)))


def held(media):
    """All rows and files there are of photos."""
    return list(Photo.objects.values_list("pk", flat=True)), [path for path in media.rglob("*") if path.is_file()]


# Taking in ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        PHOTO,
        written(drawing(), "PNG"),
        written(drawing(mode="RGBA"), "PNG"),
        written(drawing(mode="P"), "PNG"),
        written(drawing(), "WEBP"),
        written(drawing(mode="CMYK"), "JPEG"),
        written(drawing(mode="L"), "JPEG"),
        written(drawing(), "MPO", save_all=True, append_images=[drawing()]),
    ],
    ids=["jpeg", "png", "transparent png", "palette png", "webp", "cmyk jpeg", "grey jpeg", "mpo"],
)
def test_what_phones_make_is_taken_as_jpeg(content, media):
    photo = added(draft_of(), content)
    assert (seen(photo).format, seen(photo).mode) == ("JPEG", "RGB")
    assert seen(photo, thumbnail=True).format == "JPEG"
    [file] = held(media)[1]
    assert clear(photo)[:64] not in file.read_bytes()
    assert Image.open(io.BytesIO(clear(photo))).getexif() == {}


def test_nothing_of_the_file_is_kept_but_its_pixels(media):
    assert CANARY.encode() in PHOTO
    assert Image.open(io.BytesIO(PHOTO)).getexif()
    photo = added(draft_of())
    for thumbnail in (False, True):
        assert CANARY.encode() not in clear(photo, thumbnail=thumbnail)
        assert b"Exif" not in clear(photo, thumbnail=thumbnail)
        assert set(seen(photo, thumbnail=thumbnail).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"} | {
            "progressive",
            "progression",
        }


@pytest.mark.parametrize("payload", [a_zip(), SVG, b"<?php " + CANARY.encode()], ids=["zip", "html", "php"])
def test_what_hangs_on_a_photo_is_left_behind(payload):
    content = PHOTO + payload
    assert payload in content
    photo = added(draft_of(), content)
    assert payload not in clear(photo) + clear(photo, thumbnail=True)
    assert b"PK\x03\x04" not in clear(photo)


@pytest.mark.parametrize(("orientation", "size"), [(1, (2048, 1365)), (6, (1365, 2048)), (8, (1365, 2048))])
def test_it_stands_upright_and_is_no_larger_than_needed(orientation, size):
    photo = added(draft_of(), phone_photo(orientation=orientation))
    assert seen(photo).size == size
    assert max(seen(photo, thumbnail=True).size) == photos.THUMBNAIL_SIDE


def test_the_file_is_named_after_nothing(client, media):
    draft = draft_of()
    sign_in(client, draft.person)
    upload(client, draft, PHOTO, name="../../evil.html")
    photo = Photo.objects.get()
    assert photo.file.name.startswith("photos/")
    assert len(photo.file.name) == len("photos/") + 32
    assert [path.parent.name for path in held(media)[1]] == ["photos"]


def test_the_same_photo_sent_twice_is_kept_once(media):
    draft = draft_of()
    assert added(draft) == added(draft)
    assert len(held(media)[0]) == len(held(media)[1]) == 1


def test_ten_and_no_more(media):
    draft = draft_of()
    for side in range(photos.MOST):
        added(draft, written(drawing((100 + side, 100)), "JPEG"))
    with pytest.raises(Refused, match="10"):
        added(draft, written(drawing((99, 99)), "JPEG"))
    assert len(held(media)[0]) == len(held(media)[1]) == photos.MOST


HOSTILE = {
    "nothing": (b"", "vide"),
    "text": (b"Bonjour, je ne suis pas une photo.", "pas une photo"),
    "svg with a script": (SVG, "pas une photo"),
    "html": (b"<html><script>1</script></html>", "pas une photo"),
    "pdf": (PDF, "pas une photo"),
    "zip": (a_zip(), "pas une photo"),
    "gif": (written(drawing(), "GIF"), "pas une photo"),
    "tiff": (written(drawing(), "TIFF"), "pas une photo"),
    "heic": (HEIC, "HEIC"),
    "zip that says it is a jpeg": (b"\xff\xd8\xff\xe0" + a_zip(), "pas une photo"),
    "half a photo": (PHOTO[: len(PHOTO) // 2], "pas une photo"),
    "huge in one direction": (png_that_unpacks(100_000, 100_000), "trop grande"),
    "a bomb": (png_that_unpacks(30_000, 30_000), "trop grande"),
    "large for a photo": (png_that_unpacks(9_000, 9_000), "trop grande"),
    "too heavy": (PHOTO + bytes(photos.MOST_BYTES), "20"),
}


@pytest.mark.parametrize(("content", "why"), HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_photo_is_refused_and_leaves_nothing(content, why, media):
    draft = draft_of()
    with pytest.raises(Refused, match=why):
        added(draft, content)
    assert held(media) == ([], [])
    assert added(draft)  # this draft does take photos
    assert held(media) != ([], [])


# At the door ----------------------------------------------------------------------------------------------------------


def sign_in(client, person):
    client.force_login(UserFactory(role=Role.TENANT, person=person))


def upload(client, draft, content, *, name="photo.jpg"):
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    return client.post(f"/portail/signaler/{draft.pk}/photos/", {"photos": file})


@pytest.fixture
def mine(client):
    draft = draft_of()
    sign_in(client, draft.person)
    return draft


@pytest.mark.parametrize(("content", "why"), HOSTILE.values(), ids=HOSTILE)
def test_each_refusal_is_told_on_the_page(client, mine, content, why, media):
    page = upload(client, mine, content)
    assert page.status_code == 200
    if content:
        assert why in page.content.decode()
    assert held(media) == ([], [])
    assert "vignette" in upload(client, mine, PHOTO).content.decode()


@pytest.mark.parametrize("length", [photos.MOST_BYTES + 1, 3 * photos.MOST_BYTES])
def test_a_file_is_read_no_further_than_a_photo_is_long(client, mine, length, media):
    page = upload(client, mine, PHOTO + bytes(length - len(PHOTO)))
    assert "20" in page.content.decode()
    assert held(media) == ([], [])


def test_a_body_that_no_ten_photos_fill_is_refused_unread(client, mine):
    class Unread(io.RawIOBase):
        def read(self, *args):
            raise AssertionError("the body was read")

    page = client.generic(
        "POST", f"/portail/signaler/{mine.pk}/photos/", CONTENT_LENGTH=500_000_000, **{"wsgi.input": Unread()}
    )
    assert page.status_code == 413
    assert "trop lourd" in page.content.decode()


def test_the_form_that_brings_photos_needs_its_token(mine):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(mine.person.user)
    assert upload(strict, mine, PHOTO).status_code == 403
    assert not Photo.objects.exists()


def link_for(person, purpose=PersonalLink.Purpose.REPORT, **about):
    client = Client()
    token = issue_link(person, purpose=purpose, by=None, now=timezone.now(), **about)
    client.post(f"/portail/lien/{token}/")
    return client


def test_a_photo_is_shown_to_its_tenant_and_to_nobody_else(client, mine):
    photo = added(mine)
    neighbour, agent = Client(), Client()
    sign_in(neighbour, draft_of().person)
    agent.force_login(UserFactory())
    for address in (f"/portail/photos/{photo.pk}/", f"/portail/photos/{photo.pk}/vignette/"):
        page = client.get(address)
        assert Image.open(io.BytesIO(page.getvalue())).format == "JPEG"
        assert page["Content-Type"] == "image/jpeg"
        assert page["X-Content-Type-Options"] == "nosniff"
        assert page["Cache-Control"] == "no-store, private"
        assert page["Content-Disposition"] == "inline"
        assert link_for(mine.person).get(address).status_code == 200
        assert neighbour.get(address).status_code == 404
        assert link_for(PersonFactory()).get(address).status_code == 404
        assert agent.get(address).status_code == 403
        assert Client().get(address).status_code == 302
        followed = InterventionFactory(occupant=mine.person)
        other_purpose = link_for(mine.person, PersonalLink.Purpose.FOLLOW, intervention=followed)
        assert other_purpose.get(address).status_code == 404


def test_after_sending_a_photo_is_the_interventions(client, mine):
    photo = added(mine)
    intervention = InterventionFactory(occupant=mine.person, opened_at=timezone.now())
    Photo.objects.filter(pk=photo.pk).update(draft=None, intervention=intervention)
    follower = link_for(mine.person, PersonalLink.Purpose.FOLLOW, intervention=intervention)
    elsewhere = link_for(
        mine.person, PersonalLink.Purpose.FOLLOW, intervention=InterventionFactory(occupant=mine.person)
    )
    assert follower.get(f"/portail/photos/{photo.pk}/").status_code == 200
    assert elsewhere.get(f"/portail/photos/{photo.pk}/").status_code == 404


def test_a_neighbour_can_neither_add_nor_remove(client, mine):
    photo = added(mine)
    neighbour = Client()
    sign_in(neighbour, draft_of().person)
    assert upload(neighbour, mine, PHOTO).status_code == 404
    assert neighbour.post(f"/portail/signaler/{mine.pk}/precisions/", {"remove": photo.pk}).status_code == 404
    theirs = ReportDraft.objects.get(person=neighbour.get("/portail/").wsgi_request.user.person)
    ReportDraft.objects.filter(pk=theirs.pk).update(done=["pour-qui", "ou", "quoi", "questions"])
    neighbour.post(f"/portail/signaler/{theirs.pk}/precisions/", {"remove": photo.pk, "description": ""})
    assert Photo.objects.filter(pk=photo.pk).exists()


def test_a_damaged_file_is_not_shown(client, mine, media):
    photo = added(mine)
    [file] = held(media)[1]
    file.write_bytes(file.read_bytes()[:-1] + b"!")
    assert client.get(f"/portail/photos/{photo.pk}/").status_code == 404


# Going ----------------------------------------------------------------------------------------------------------------


def test_a_draft_takes_its_photos_along_after_a_day(client, media, django_capture_on_commit_callbacks):
    now = timezone.now()
    draft = draft_of(now=now - timedelta(hours=24) + timedelta(minutes=5))
    sign_in(client, draft.person)
    photo = added(draft)
    assert client.get(f"/portail/photos/{photo.pk}/").status_code == 200
    ReportDraft.objects.filter(pk=draft.pk).update(expires_at=now)
    assert client.get(f"/portail/photos/{photo.pk}/").status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        purge(now=now, commit=True, only="temporary")
    assert held(media) == ([], [])
    assert not ReportDraft.objects.exists()


def test_an_intervention_takes_its_photos_along(media, django_capture_on_commit_callbacks):
    closed = InterventionFactory(
        status=Status.CLOSED, opened_at=timezone.now() - timedelta(days=500), closed_at=timezone.now() - timedelta(500)
    )
    photo = added(draft_of())
    Photo.objects.filter(pk=photo.pk).update(draft=None, intervention=closed)
    assert held(media)[0] == [photo.pk]
    with django_capture_on_commit_callbacks(execute=True):
        purge(now=timezone.now(), commit=True, only="interventions")
    assert not Intervention.objects.filter(pk=closed.pk).exists()
    assert held(media) == ([], [])


def test_a_draft_thrown_away_takes_its_photos_along(client, mine, media, django_capture_on_commit_callbacks):
    added(mine)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/portail/signaler/jeter/")
    assert held(media) == ([], [])


# The scanner ----------------------------------------------------------------------------------------------------------


class Clamd(socketserver.BaseRequestHandler):
    """clamd’s side of INSTREAM, over a real socket."""

    def handle(self):
        assert self.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(self.read(4)):
            content += self.read(length)
        self.server.scanned.append(len(content))
        self.request.sendall(b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0")

    def read(self, length):
        content = b""
        while len(content) < length:
            content += self.request.recv(length - len(content))
        return content


@pytest.fixture
def clamd(settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Clamd) as server:
        server.scanned = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield server
        server.shutdown()
        thread.join()


def test_the_scanner_sees_every_file_first(clamd, media):
    draft = draft_of()
    assert added(draft)
    assert clamd.scanned == [len(PHOTO)]
    with pytest.raises(Refused, match="dangereux"):
        added(draft, PHOTO + EICAR)
    assert len(held(media)[0]) == len(held(media)[1]) == 1


def test_without_its_scanner_nothing_is_let_in(settings, media):
    draft = draft_of()
    settings.CLAMAV_URL = "tcp://127.0.0.1:1"
    with pytest.raises(Refused, match="Réessayez"):
        added(draft)
    assert held(media) == ([], [])
    settings.CLAMAV_URL = ""
    assert added(draft)


def test_a_scanner_that_says_something_else_lets_nothing_in(settings, media):
    with socketserver.TCPServer(("127.0.0.1", 0), Confused) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        settings.CLAMAV_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        with pytest.raises(Refused, match="Réessayez"):
            added(draft_of())
        thread.join()
    assert held(media) == ([], [])


class Confused(socketserver.BaseRequestHandler):
    def handle(self):
        while not self.request.recv(65536).endswith(bytes(4)):
            pass
        self.request.sendall(b"INSTREAM size limit exceeded. ERROR\0")
