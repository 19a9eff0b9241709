"""The provider's page: what it shows where the job stands, and what the provider says there."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from interventions import photos
from interventions.lifecycle import TRANSITIONS, advance
from interventions.models import Escalation, Intervention, Photo, Signature, Status, Transition
from interventions.provider.steps import FORMS, STEPS
from interventions.watch import waiting_escalations
from tests.callcenter.console.reading import words
from tests.factories import UserFactory
from tests.interventions.portal.pictures import CANARY, PDF, drawing, phone_photo, written
from tests.interventions.provider.jobs import sent_to

pytestmark = pytest.mark.django_db

S = Status
WAY_IN = ("12 rue Gambetta", "59400 Cambrai", "Porte 12", "12A34")


def a_file(content=None, name="photo.jpg"):
    return SimpleUploadedFile(name, content or phone_photo((400, 300)), "image/jpeg")


def state(job):
    return Intervention.objects.get(pk=job.pk).status


def at(job, *path):
    """Led there by the desk, and read anew."""
    current = Intervention.objects.get(pk=job.pk)
    for to in path:
        current = advance(current, to=to, by=UserFactory(), now=timezone.now(), version=current.version, reason="Dit.")
    return current


# What it shows --------------------------------------------------------------------------------------------------------


def test_before_accepting_it_shows_the_way_in_and_no_number(client, address):
    text = words(client.get(address))
    for shown in (*WAY_IN, "Fuite", "Attendu sur place avant"):
        assert shown in text
    for hidden in ("06 12 34 56 78", "0612345678", "Delattre", "Simone", "sieste"):
        assert hidden not in text


def test_the_number_to_call_back_comes_with_the_yes(client, address, say):
    assert "tel:+33612345678" not in client.get(address).content.decode()
    say("accept", minutes=30)
    assert "tel:+33612345678" in client.get(address).content.decode()


def test_once_it_is_done_there_is_no_way_in_any_more(client, address, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    assert all(shown in words(client.get(address)) for shown in (*WAY_IN, "06 12 34 56 78"))
    at(job, S.DONE)
    page = client.get(address)
    assert page.status_code == 200
    assert not [shown for shown in (*WAY_IN, "06 12 34 56 78") if shown in words(page)]


@pytest.mark.parametrize("end", [S.CLOSED, S.CANCELLED])
def test_it_is_dead_the_moment_the_job_ends(client, address, job, end):
    assert "12A34" in words(client.get(address))
    at(job, end)
    page = client.get(address)
    assert page.status_code == 404
    assert "12A34" not in words(page)


def test_each_step_that_is_offered_is_one_of_the_table():
    for status, steps in STEPS.items():
        assert {FORMS[step].to for step in steps} <= set(TRANSITIONS[Status(status)])


def test_it_works_without_a_script_and_names_each_field_once(client, address, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    page = client.get(address).content.decode()
    ids = [piece.split('"')[0] for piece in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))
    assert "style=" not in page
    assert "onclick" not in page


# What it says ---------------------------------------------------------------------------------------------------------


def test_accepting_says_when(say, job):
    assert say("accept", minutes=45).status_code == 302
    step = Transition.objects.get(intervention=job, to_status=S.ACCEPTED)
    assert (step.by, step.by_provider, step.by_tenant, step.who) == (None, True, False, "Le prestataire")
    assert timedelta(minutes=43) < step.arrives_at - timezone.now() <= timedelta(minutes=45)
    assert Intervention.objects.get(pk=job.pk).on_site_by == job.on_site_by  # the promise is the desk's


def test_accepting_for_another_day(say, job):
    tomorrow = timezone.localtime() + timedelta(days=1)
    say("accept", at=f"{tomorrow:%Y-%m-%dT%H:%M}")
    step = Transition.objects.get(intervention=job, to_status=S.ACCEPTED)
    assert step.arrives_at == tomorrow.replace(second=0, microsecond=0)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "Dites quand vous arrivez."),
        ({"minutes": "7"}, "Sélectionnez un choix valide"),
        ({"at": "demain"}, "Cette date n’existe pas"),
        ({"at": "2020-01-01T10:00"}, "Donnez une heure à venir"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(say, job, said, told):
    page = say("accept", **said)
    assert page.status_code == 422
    assert told in words(page)
    assert state(job) == S.DISPATCHED


@pytest.mark.parametrize("step", ["", "close", "dispatched", "x" * 1000])
def test_what_is_no_step_does_nothing(say, job, step):
    assert say(step).status_code == 422
    assert state(job) == S.DISPATCHED


def test_refusing_tells_the_supervisor_and_gives_the_job_back(client, address, say, job):
    page = say("decline", why="too_far")
    assert page.status_code == 200
    assert "C’est noté" in words(page)
    assert client.get(address).status_code == 404
    current = Intervention.objects.get(pk=job.pk)
    assert (current.status, current.provider) == (S.QUALIFIED, None)
    assert current.transitions.last().reason == "Trop loin pour être à l’heure"
    assert [one.kind for one in waiting_escalations()] == [Escalation.Kind.DECLINED]


def test_refusing_needs_a_reason_of_the_list(say, job):
    assert say("decline").status_code == say("decline", why="Parce que").status_code == 422
    assert state(job) == S.DISPATCHED


def test_who_accepted_may_still_have_to_give_up(say, job):
    say("accept", minutes=30)
    say("decline", why="no_part")
    assert state(job) == S.QUALIFIED


def test_on_site_then_done_with_a_report(say, job):
    say("accept", minutes=30)
    say("arrive")
    assert state(job) == S.ON_SITE
    assert say("done", text="Joint remplacé sous l’évier.").status_code == 302
    step = Transition.objects.get(intervention=job, to_status=S.DONE)
    assert (step.reason, step.by_provider) == ("Joint remplacé sous l’évier.", True)


def test_no_access_with_a_photo(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    say("no_access", why="absent", photos=[a_file()])
    assert (state(job), job.photos.get().kind) == (S.NO_ACCESS, Photo.Kind.PROVIDER)
    say("arrive")
    assert state(job) == S.ON_SITE


def test_what_is_left_to_do(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    assert say("follow_on").status_code == 422
    say("follow_on", text="Commander un mitigeur.")
    assert state(job) == S.FOLLOW_ON
    assert job.transitions.last().reason == "Commander un mitigeur."


def test_words_that_do_not_belong_there_are_warned_about(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    text = "Fait. Le locataire est alcoolique."
    page = say("done", text=text)
    assert page.status_code == 422
    assert "alcoolique" in words(page)
    assert "La personne concernée peut lire ces lignes" in words(page)
    assert state(job) == S.ON_SITE
    assert say("done", text=text, meant="on").status_code == 302
    assert state(job) == S.DONE


def test_the_report_is_no_longer_than_it_may_be(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    assert say("done", text="x" * 501).status_code == 422
    assert say("done", text="x" * 500).status_code == 302


# Twice, and too late --------------------------------------------------------------------------------------------------


def test_sent_twice_it_acts_once(say, job):
    version = job.version
    assert say("accept", minutes=30, version=version).status_code == 302
    assert say("accept", minutes=30, version=version).status_code == 302
    assert Transition.objects.filter(intervention=job, to_status=S.ACCEPTED).count() == 1


def test_done_twice_is_one_report_one_photo_one_signature(say, job):
    version = at(job, S.ACCEPTED, S.ON_SITE).version
    for _ in range(2):
        said = {"text": "Fait.", "signer": "worker", "name": "J. Wallez", "photos": [a_file()]}
        assert say("done", version=version, **said).status_code == 302
    assert job.transitions.filter(to_status=S.DONE).count() == job.photos.count() == 1
    assert Signature.objects.count() == 1


def test_a_step_too_late_is_told_in_french_and_keeps_what_was_typed(say, job):
    version = at(job, S.ACCEPTED, S.ON_SITE).version
    at(job, S.NO_ACCESS, S.ON_SITE)
    page = say("done", text="Joint remplacé.", version=version)
    assert page.status_code == 409
    assert "L’intervention a changé entre-temps." in words(page)
    assert "Joint remplacé." in words(page)
    assert state(job) == S.ON_SITE
    assert f'value="{Intervention.objects.get(pk=job.pk).version}"' in page.content.decode()


def test_a_version_that_is_no_number_is_one_too_late(say, job):
    assert say("accept", minutes=30, version="x").status_code == 409
    assert state(job) == S.DISPATCHED


def test_a_step_that_the_table_does_not_have_is_refused(say, job):
    assert say("done", text="Fait.").status_code == 422
    assert state(job) == S.DISPATCHED


# Photos ---------------------------------------------------------------------------------------------------------------


def test_photos_are_made_anew_and_encrypted(say, job, media):
    at(job, S.ACCEPTED, S.ON_SITE)
    assert CANARY.encode() in phone_photo((400, 300))
    assert say("photos", photos=[a_file(), a_file(written(drawing(), "PNG"), "b.png")]).status_code == 302
    for photo in job.photos.all():
        clear = b"".join(photos.pixels(photo, thumbnail=False))
        assert CANARY.encode() not in clear
        assert Image.open(io.BytesIO(clear)).format == "JPEG"
        assert clear[:200] not in (media / photo.file.name).read_bytes()
    assert job.photos.count() == 2


def test_what_is_no_photo_is_refused_and_the_words_stay(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    page = say("done", text="Joint remplacé.", photos=[a_file(PDF), a_file()])
    assert page.status_code == 422
    assert "n’est pas une photo" in words(page)
    assert "Joint remplacé." in words(page)
    assert (state(job), job.photos.count()) == (S.ON_SITE, 1)


def test_a_body_that_no_ten_photos_fill_is_not_read(client, address, job):
    page = client.post(address, {"step": "photos"}, headers={"content-length": str(10**9)})
    assert page.status_code == 413


def test_no_more_than_ten(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    pictures = [a_file(written(drawing((64 + n, 48)), "PNG"), f"{n}.png") for n in range(11)]
    assert say("photos", photos=pictures).status_code == 422
    assert job.photos.count() == 10


def test_the_tenant_is_not_shown_what_the_provider_photographed(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    say("photos", photos=[a_file()])
    assert job.photos.from_provider().count() == 1
    assert not job.photos.from_tenant().exists()


# Signature ------------------------------------------------------------------------------------------------------------


def test_the_name_is_enough_to_sign(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    say("done", text="Fait.", signer="occupant", name="S. Delattre")
    signature = Signature.objects.get()
    assert (signature.intervention, signature.signer, signature.name) == (job, "occupant", "S. Delattre")
    assert signature.image is None


def test_a_drawn_signature_is_kept_as_a_photo_is(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    drawn = SimpleUploadedFile("signature.png", written(drawing((640, 240)), "PNG"), "image/png")
    say("done", text="Fait.", signer="worker", name="J. Wallez", signature=drawn)
    assert Signature.objects.get().image.kind == Photo.Kind.SIGNATURE
    assert not job.photos.from_provider().exists()


@pytest.mark.parametrize("said", [{"signer": "worker"}, {"name": "J. Wallez"}])
def test_a_signature_has_somebody_and_their_name(say, job, said):
    at(job, S.ACCEPTED, S.ON_SITE)
    assert say("done", text="Fait.", **said).status_code == 422
    assert state(job) == S.ON_SITE


def test_a_signature_that_is_no_picture_is_told_and_the_step_not_taken(say, job):
    at(job, S.ACCEPTED, S.ON_SITE)
    drawn = SimpleUploadedFile("signature.png", PDF, "image/png")
    page = say("done", text="Fait.", signer="worker", name="J. Wallez", signature=drawn)
    assert page.status_code == 422
    assert state(job) == S.ON_SITE
    assert not Signature.objects.exists()


def test_the_emergency_of_somebody_restricted_stays_open_and_other_jobs_do_not(client, provider, now):
    from interventions.problems import Priority
    from tests.interventions.provider.jobs import links_sent

    urgent = sent_to(provider, now=now, suggested_priority=Priority.EMERGENCY)
    [first, _] = links_sent(now)
    normal = sent_to(provider, now=now)
    [second, _] = links_sent(now)
    assert client.get(first).status_code == client.get(second).status_code == 200
    from privacy.models import Restriction

    for job in (urgent, normal):
        Restriction.objects.create(person=job.occupant, reason=Restriction.Reason.ACCURACY, started_at=now)
    assert client.get(first).status_code == 200
    assert client.get(second).status_code == 404
    assert client.post(second, {"step": "accept", "minutes": 30, "version": normal.version}).status_code == 404
