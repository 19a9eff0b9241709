"""Tenants and the public read French or English: nothing that they are shown is left untranslated."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

CATALOGUE = Path("locale/en/LC_MESSAGES/django.po")


def catalogue(root: Path) -> polib.POFile:
    return polib.pofile(str(root / CATALOGUE))


def test_every_sentence_has_its_english():
    found = catalogue(settings.BASE_DIR)
    assert len(found) > 500
    assert [entry.msgid for entry in found if not entry.translated()] == []


def test_what_is_compiled_is_what_is_written():
    written = catalogue(settings.BASE_DIR)
    compiled = polib.mofile(str(settings.BASE_DIR / CATALOGUE.with_suffix(".mo")))
    assert {(each.msgctxt, each.msgid, each.msgstr) for each in compiled} == {
        (each.msgctxt, each.msgid, each.msgstr) for each in written
    }


def test_the_catalogue_is_that_of_the_sources(tmp_path):
    if shutil.which("xgettext") is None:
        give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        give_up("no xgettext found: install gettext")
    copy = tmp_path / "sources"
    shutil.copytree(settings.BASE_DIR, copy, ignore=shutil.ignore_patterns(".*", "var", "tests", "bench", "static"))
    (copy / CATALOGUE).unlink()
    subprocess.run(
        [sys.executable, "-m", "django", "makemessages", "--locale=en"],
        cwd=copy,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "sofratel.settings", "SOFRATEL_MODE": "test"},
        check=True,
        capture_output=True,
    )
    ours, theirs = ({(each.msgctxt, each.msgid) for each in catalogue(root)} for root in (settings.BASE_DIR, copy))
    assert sorted(theirs - ours, key=str) == [], "run `make messages`, and translate"
    assert sorted(ours - theirs, key=str) == [], "run `make messages`"
