"""The folder into which a telephone system drops its recordings."""

import io
import os
from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from callcenter.models import Recording
from callcenter.recordings import sound
from tests.factories import NOW, AnsweredCallFactory, PersonFactory
from tests.sounds import LENGTH, MP3, OGG, WAV

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _night():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop"


def drop(folder, name, content=WAV, *, seconds_ago=61):
    path = folder / name
    path.write_bytes(content)
    os.utime(path, times=((NOW - timedelta(seconds=seconds_ago)).timestamp(),) * 2)
    return path


def call(**fields):
    began = NOW - timedelta(minutes=10)
    given = {
        "started_at": began,
        "answered_at": began,
        "ended_at": NOW - timedelta(minutes=2),
        "outcome": "information",
    }
    answer = {"recording_answer": "accepted", "recording_answered_at": began}
    return AnsweredCallFactory(**given | answer | fields)


def take_in(folder):
    out = io.StringIO()
    call_command("import_recordings", str(folder), stdout=out)
    return out.getvalue().replace("\N{NO-BREAK SPACE}", " ").splitlines()


def test_accepted_ones_come_in_and_leave_the_folder(folder):
    by_switchboard, by_us, named = call(external_id="pbx-1"), call(), call(external_id="pbx.é 2")
    drop(folder, "pbx-1.wav"), drop(folder, f"{by_us.pk}.bin", MP3), drop(folder, "pbx.é 2.ogg", OGG)

    lines = take_in(folder)

    assert sorted(lines[:3]) == sorted(f"Appel {each.pk} : enregistré." for each in (by_switchboard, by_us, named))
    assert lines[3] == "3 enregistré(s), 0 refusé(s), 0 laissé(s)."
    assert list(folder.iterdir()) == []
    for each, clear in ((by_switchboard, WAV), (by_us, MP3), (named, OGG)):
        assert b"".join(sound(Recording.objects.get(call=each), start=0, stop=LENGTH)) == clear


@pytest.mark.parametrize(
    ("fields", "content", "why"),
    [
        ({"recording_answer": "refused"}, WAV, "l’accord de l’appelant manque"),
        ({"outcome": "emergency_services"}, WAV, "un appel passé aux secours n’est jamais enregistré"),
        ({}, b"", "le fichier est vide"),
        ({}, b"texte", "ce n’est pas un son WAV, MP3 ou Ogg"),
    ],
)
def test_refused_ones_are_told_and_leave_the_folder(folder, media, fields, content, why):
    refused = call(external_id="pbx-1", **fields)
    drop(folder, "pbx-1.wav", content)

    assert take_in(folder)[0] == f"Appel {refused.pk} : refusé, {why}."

    assert list(folder.iterdir()) == []
    assert not Recording.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["inconnu.wav", "99999999999999999999999.wav", "-1.wav", ".wav", "²", "\udcff.wav"])
def test_what_belongs_to_no_call_is_told_by_its_place_and_leaves_the_folder(folder, name):
    call()
    drop(folder, name)
    assert take_in(folder)[0] == "Fichier 1 : refusé, aucun appel ne porte ce numéro."
    assert list(folder.iterdir()) == []


def test_no_file_name_is_ever_told(folder):
    call(external_id="delattre", recording_answer="refused", caller=PersonFactory(family_name="Delattre"))
    for name in ("delattre.wav", "Delattre Jeanne.wav"):
        drop(folder, name)
    assert "delattre" not in "\n".join(take_in(folder)).lower()


def test_the_switchboard_s_number_goes_before_ours_and_ours_is_for_calls_it_does_not_know(folder):
    known = call(external_id="pbx-1")
    drop(folder, f"{known.pk}.wav")
    assert take_in(folder)[0] == "Fichier 1 : refusé, aucun appel ne porte ce numéro."

    typed_in = call()
    namesake = call(external_id=str(typed_in.pk))
    drop(folder, f"{typed_in.pk}.wav")
    assert take_in(folder)[0] == f"Appel {namesake.pk} : enregistré."


def test_a_file_that_is_still_being_written_waits(folder):
    drop(folder, f"{call().pk}.wav", seconds_ago=59)
    assert take_in(folder)[-1] == "0 enregistré(s), 0 refusé(s), 1 laissé(s)."
    assert len(list(folder.iterdir())) == 1
    drop(folder, next(folder.iterdir()).name, seconds_ago=60)
    assert take_in(folder)[-1] == "1 enregistré(s), 0 refusé(s), 0 laissé(s)."


def test_a_call_that_goes_on_is_waited_for_a_day(folder):
    waiting = call(ended_at=None, outcome="")
    drop(folder, f"{waiting.pk}.wav", seconds_ago=23 * 3600)
    assert take_in(folder)[0].startswith(f"Appel {waiting.pk} : laissé pour le prochain passage")
    drop(folder, f"{waiting.pk}.wav", seconds_ago=25 * 3600)
    assert take_in(folder)[0] == f"Appel {waiting.pk} : refusé, l’appel n’est pas terminé."
    assert list(folder.iterdir()) == []


def test_links_are_not_followed_and_folders_left_alone(folder, tmp_path):
    secret = drop(tmp_path, "secret.wav")
    linked = call(external_id="pbx-1")
    (folder / "pbx-1.wav").symlink_to(secret)
    os.utime(folder / "pbx-1.wav", times=(0, 0), follow_symlinks=False)
    (folder / "sous-dossier").mkdir()

    assert take_in(folder)[0] == f"Appel {linked.pk} : refusé, ce n’est pas un fichier."

    assert [path.name for path in folder.iterdir()] == ["sous-dossier"]
    assert secret.read_bytes() == WAV


def test_dropped_again_after_a_killed_run_it_is_refused_once_and_gone(folder):
    again = call()
    drop(folder, f"{again.pk}.wav")
    take_in(folder)
    drop(folder, f"{again.pk}.wav")
    assert take_in(folder)[0] == f"Appel {again.pk} : refusé, cet appel a déjà un enregistrement."
    assert list(folder.iterdir()) == []
    assert Recording.objects.count() == 1


def test_when_there_is_no_space_left_the_file_waits(folder, media):
    media.write_text("not a folder")
    waiting = drop(folder, f"{call().pk}.wav")
    assert "laissé pour le prochain passage" in take_in(folder)[0]
    assert waiting.exists()
    media.unlink()
    assert "enregistré" in take_in(folder)[0]


def test_an_empty_folder_is_fine_and_a_missing_one_is_not(folder):
    assert take_in(folder) == ["0 enregistré(s), 0 refusé(s), 0 laissé(s)."]
    with pytest.raises(CommandError, match="n’existe pas"):
        take_in(folder / "ailleurs")
