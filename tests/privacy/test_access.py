"""Access: everything of the person, over all tables, files and records of theirs, and nothing of anybody else."""

import io
import json
import resource
import signal
import zipfile
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.merging import merge_people
from callcenter import recordings
from callcenter.models import Call, LogEntry, Recording
from interventions.models import Intervention, TenantMessage
from privacy.models import JournalEntry, MatchedRecord, RightsRequest
from privacy.rights.document import Contents, access_archive
from privacy.rights.gather import Whole, unless_shared
from tests.factories import (
    AnsweredCallFactory,
    ComplaintFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    TenantMessageFactory,
    UserFactory,
)
from tests.sounds import WAV

pytestmark = pytest.mark.django_db

MINE, THEIRS = "Canari-Zygomatique", "Canari-Hippocampe"


def archive_of(whole, *, show=unless_shared, now=None):
    contents = Contents()
    sealed = b"".join(access_archive(whole, show=show, now=now or timezone.now(), contents=contents))
    return zipfile.ZipFile(io.BytesIO(sealed)), contents


def opened(archive):
    """The page, and the JSON by model."""
    data = json.loads(archive.read("donnees.json"))
    return archive.read("vos-donnees.html").decode(), {each["model"]: each for each in data["datasets"]}


def recorded_call(now, **people):
    call = AnsweredCallFactory(
        started_at=now - timedelta(minutes=5),
        answered_at=now - timedelta(minutes=5),
        ended_at=now - timedelta(minutes=1),
        outcome=Call.Outcome.INFORMATION,
        recording_answer="accepted",
        recording_answered_at=now,
        **people,
    )
    return recordings.store(call, stream=io.BytesIO(WAV), now=now)


def two_people(now):
    """One speaks for the other, in a call and in an intervention."""
    mine = PersonFactory(family_name=f"{MINE}-nom", email=f"{MINE}@exemple.example")
    theirs = PersonFactory(family_name=f"{THEIRS}-nom", email=f"{THEIRS}@exemple.example")
    for person, canary in ((mine, MINE), (theirs, THEIRS)):
        ComplaintFactory(person=person, subject=f"{canary}-reclamation", opened_at=now)
        TenancyFactory(person=person, reference=f"{canary}-location")
        own = InterventionFactory(occupant=person, opened_at=now, description=f"{canary}-description")
        TenantMessageFactory(intervention=own, person=person, at=now, text=f"{canary}-message")
    PhoneFactory(person=mine, number="+33611111111")
    PhoneFactory(person=theirs, number="+33622222222")
    shared = AnsweredCallFactory(
        caller=theirs, on_behalf_of=mine, from_number="+33622222222", started_at=now, answered_at=now
    )
    LogEntryFactory(call=shared, at=now, text=f"{THEIRS}-dit-au-telephone")
    InterventionFactory(occupant=theirs, reported_by=mine, opened_at=now, description=f"{THEIRS}-chez-eux")
    return mine, theirs


def test_all_that_is_theirs_is_there_and_nothing_of_anybody_else():
    now = timezone.now()
    mine, _theirs = two_people(now)
    for canary in (MINE, THEIRS):
        assert Intervention.objects.filter(description=f"{canary}-description").exists()
        assert TenantMessage.objects.filter(text=f"{canary}-message").exists()
    assert LogEntry.objects.filter(text__contains=THEIRS).exists()
    archive, contents = archive_of(Whole(mine))
    page, data = opened(archive)
    for text in (page, json.dumps(data, ensure_ascii=False)):
        for what in ("nom", "reclamation", "location", "description", "message"):
            assert f"{MINE}-{what}" in text
        assert THEIRS not in text
        assert "33622222222" not in text
        assert "22 22 22 22" not in text.replace("\N{NO-BREAK SPACE}", " ")
    assert "06 11 11 11 11" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert contents.rows["callcenter.Call"] == 1
    assert data["callcenter.Call"]["rows"][0]["roles"] == ["personne concernée"]
    assert data["callcenter.Call"]["rows"][0]["other_people"] == ["appelant"]


def test_who_speaks_for_another_gets_their_own_number():
    now = timezone.now()
    _mine, theirs = two_people(now)
    archive, _ = archive_of(Whole(theirs))
    _page, data = opened(archive)
    (call,) = data["callcenter.Call"]["rows"]
    assert call["fields"]["from_number"] == "+33622222222"
    assert call["fields"]["on_behalf_of"] == "Une autre personne"


def test_staff_is_an_agent():
    now, agent = timezone.now(), UserFactory(full_name="Canari Agent")
    person = PersonFactory()
    intervention = InterventionFactory(occupant=person, opened_at=now)
    LogEntryFactory(intervention=intervention, at=now, author=agent, text="Porte ouverte")
    archive, _ = archive_of(Whole(person))
    page, data = opened(archive)
    assert data["callcenter.LogEntry"]["rows"][0]["fields"]["author"] == "Agent"
    assert "Porte ouverte" in page
    assert "Canari Agent" not in page


def test_the_page_says_why_until_when_for_whom_and_from_where():
    person = PersonFactory()
    ComplaintFactory(person=person, opened_at=timezone.now())
    page, data = opened(archive_of(Whole(person))[0])
    for words in (
        "Traiter les réclamations",
        "(contrat)",
        "Notre personnel habilité",
        "De vous",
        "14\N{NO-BREAK SPACE}mois",
    ):
        assert words in page
    assert "CNIL" in page
    assert "<script" not in page
    assert data["interventions.Complaint"]["purposes"][0]["basis"] == "contrat"


def test_what_is_due_is_not_there_any_more():
    now, person = timezone.now(), PersonFactory()
    InterventionFactory(
        occupant=person, status="closed", opened_at=now - timedelta(days=800), description=f"{MINE}-ancien"
    )
    assert Intervention.objects.filter(description__contains=MINE).exists()
    page, _ = opened(archive_of(Whole(person))[0])
    assert MINE not in page


# Several records ------------------------------------------------------------------------------------------------------


def test_records_merged_into_it_are_theirs_too():
    person, other = PersonFactory(), PersonFactory(family_name=f"{MINE}-autre-fiche")
    merge_people(person, other, by=UserFactory(), now=timezone.now())
    page, data = opened(archive_of(Whole(person))[0])
    assert f"{MINE}-autre-fiche" in page
    assert len(data["accounts.Person"]["rows"]) == 2


def test_a_record_that_the_dpo_recognised_is_theirs_too():
    now, person = timezone.now(), PersonFactory()
    other = PersonFactory()
    InterventionFactory(occupant=other, reported_by=person, opened_at=now, description=f"{MINE}-description")
    request = RightsRequest.objects.create(person=person, right="access", received_on=now.date())
    before = opened(archive_of(Whole.of(request))[0])[1]["interventions.Intervention"]["rows"][0]
    assert (before["roles"], before["other_people"]) == (["signalant"], ["occupant"])
    MatchedRecord.objects.create(request=request, person=other)
    after = opened(archive_of(Whole.of(request))[0])[1]["interventions.Intervention"]["rows"][0]
    assert (after["roles"], after["other_people"]) == (["occupant", "signalant"], [])
    assert after["fields"]["description"] == f"{MINE}-description"


# Files ----------------------------------------------------------------------------------------------------------------


def test_their_voice_goes_along_as_it_was_recorded():
    now, person = timezone.now(), PersonFactory()
    recording = recorded_call(now, caller=person)
    archive, contents = archive_of(Whole(person))
    name = f"fichiers/recording-{recording.pk}.wav"
    assert archive.read(name) == WAV
    assert archive.testzip() is None
    assert contents.files == 1
    assert f'src="{name}"' in archive.read("vos-donnees.html").decode()


def test_the_voice_of_who_called_for_them_does_not():
    now, person = timezone.now(), PersonFactory()
    recorded_call(now, caller=PersonFactory(), on_behalf_of=person)
    archive, contents = archive_of(Whole(person))
    assert contents.rows["callcenter.Recording"] == 1
    assert sorted(archive.namelist()) == ["donnees.json", "vos-donnees.html"]


def test_a_file_that_cannot_be_read_is_said_and_holds_up_nothing():
    now, person = timezone.now(), PersonFactory(family_name=MINE)
    lost, kept = recorded_call(now, caller=person), recorded_call(now, caller=person)
    default_storage.delete(lost.file.name)
    archive, contents = archive_of(Whole(person))
    page, _ = opened(archive)
    assert (contents.files, contents.unreadable) == (1, 1)
    assert archive.read(f"fichiers/recording-{kept.pk}.wav") == WAV
    assert "ne peut plus être lu" in page
    assert MINE in page


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_writes_the_same_archive_for_its_owner_only(tmp_path, capsys):
    person = PersonFactory(family_name=MINE)
    output = tmp_path / "copie.zip"
    call_command("export_person", str(person.pk), output=output)
    page, _ = opened(zipfile.ZipFile(output))
    assert MINE in page
    assert output.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copie.zip"]
    assert MINE not in capsys.readouterr().out
    assert JournalEntry.objects.get(action="export").object_id == person.pk


@pytest.mark.parametrize("number", ["0", "-1", "x", "1" * 30, "²"])
def test_a_number_that_is_nobodys_writes_nothing(tmp_path, number):
    output = tmp_path / "copie.zip"
    with pytest.raises(CommandError, match="Aucune fiche"):
        call_command("export_person", number, output=output)
    assert not output.exists()


def test_a_folder_that_is_not_there_writes_nothing(tmp_path):
    with pytest.raises(CommandError, match="ne peut pas être écrit"):
        call_command("export_person", str(PersonFactory().pk), output=tmp_path / "nulle-part" / "copie.zip")


def test_a_full_disk_leaves_nothing_behind(tmp_path):
    """The limit on a file’s size stands in for the disk."""
    person = PersonFactory()
    recorded_call(timezone.now(), caller=person)
    limits, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(CommandError, match="Rien n’a été écrit"):
            call_command("export_person", str(person.pk), output=tmp_path / "copie.zip")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert [path for path in tmp_path.iterdir() if path.is_file()] == []
    assert Recording.objects.exists()
