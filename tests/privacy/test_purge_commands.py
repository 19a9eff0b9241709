"""`purge_expired` and `retention_report`, as cron, operators and other programs call them."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from callcenter.models import Call, LogEntry, Recording
from interventions.models import Intervention
from interventions.models.interventions import Status
from privacy.locks import alone
from privacy.models import PurgeApproval, PurgeRun, Receipt
from privacy.policy import PROPOSALS, ROWS
from sofratel.embedded import sockets
from sofratel.embedded.services import VAR_DIR
from tests.concurrency import tried
from tests.factories import CallFactory, InterventionFactory, LogEntryFactory, PersonFactory

ROOT = Path(__file__).resolve().parent.parent.parent
SEVEN = ["interventions", "recordings", "statistics", "accounting", "complaints", "navigation", "providers"]
RECORDINGS = "recordings:callcenter.recording"
LONG_AGO = timedelta(days=800)


@pytest.fixture(autouse=True)
def files_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def due_rows():
    """An intervention with a recorded call and two entries, and a call by itself; the occupant is in a request."""
    then = timezone.now() - LONG_AGO
    person = PersonFactory(created_at=then)
    closed = InterventionFactory(opened_at=then, status=Status.CLOSED, occupant=person)
    about = CallFactory(started_at=then, ended_at=then, intervention=closed, outcome=Call.Outcome.INTERVENTION)
    LogEntryFactory(call=about, at=then)
    LogEntryFactory(intervention=closed, at=then)
    for call in (about, CallFactory(started_at=then, ended_at=then, outcome=Call.Outcome.MISSED)):
        Recording.objects.create(
            call=call,
            file=ContentFile(b"x", name=f"{call.pk}"),
            ended_at=then,
            stored_at=then,
            content_type=Recording.Format.WAV,
            size=1,
        )
    Call.objects.update(recording_answer=Call.RecordingAnswer.ACCEPTED, recording_answered_at=then)
    return person


def said(capsys, *arguments):
    """What the command prints on standard output, which is one JSON object and nothing else."""
    capsys.readouterr()
    call_command(*arguments, "--json")
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


@pytest.mark.django_db
def test_the_shape_of_a_purge(capsys, ask):
    ask(due_rows())
    told = said(capsys, "purge_expired")
    assert set(told) == {"committed", "rules", "receipt"}
    assert told["committed"] is False
    assert len(told["receipt"]) == 64
    for rule in told["rules"]:
        assert set(rule) == {"key", "model", "deleted", "files", "blocked"}
        assert all(set(block) == {"reason", "count"} for block in rule["blocked"])
    rules = {rule["key"]: rule for rule in told["rules"]}
    assert len(rules) == len(told["rules"])
    # A call by itself takes its recording along; the other call waits with its intervention, its recording does not.
    for key in ("interventions:callcenter.call", RECORDINGS):
        assert (rules[key]["deleted"], rules[key]["files"]) == (1, 1)
    assert rules["interventions:interventions.intervention"]["blocked"] == [{"reason": "open_request", "count": 1}]


@pytest.mark.django_db
def test_a_dry_run_tells_what_a_committed_one_does_and_does_nothing(capsys):
    due_rows()
    before = (Intervention.objects.count(), Call.objects.count(), LogEntry.objects.count(), Recording.objects.count())
    assert before == (1, 2, 2, 2)
    dry = said(capsys, "purge_expired")
    assert before == (
        Intervention.objects.count(),
        Call.objects.count(),
        LogEntry.objects.count(),
        Recording.objects.count(),
    )
    assert not Receipt.objects.exists()
    assert not PurgeRun.objects.exists()
    done = said(capsys, "purge_expired", "--commit")
    assert done["rules"] == dry["rules"]
    assert sum(rule["deleted"] for rule in done["rules"]) == 3  # an intervention, a call by itself, a person
    assert done["committed"] is True
    assert done["receipt"] == Receipt.objects.latest("pk").hash
    assert not Intervention.objects.exists()
    assert not Call.objects.exists()
    assert not LogEntry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("rule", ["recordings", RECORDINGS])
def test_one_rule_or_one_row_of_the_policy(capsys, rule):
    due_rows()
    told = said(capsys, "purge_expired", "--commit", "--rule", rule)
    assert {one["key"].split(":")[0] for one in told["rules"]} == {"recordings"}
    assert not Recording.objects.exists()
    assert Call.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--rule", "--approve"])
def test_an_unknown_rule_is_refused_and_changes_nothing(option):
    due_rows()
    with pytest.raises(CommandError, match=r"^Aucune règle ne s’appelle « cookies »\.$"):
        call_command("purge_expired", "--commit", option, "cookies")
    assert Recording.objects.count() == 2
    assert not PurgeApproval.objects.exists()


@pytest.mark.django_db
def test_an_unusually_large_deletion_waits_for_a_go_ahead_which_serves_once(capsys, settings):
    settings.PURGE_ALARM = {"share": 0.5, "rows": 2}
    due_rows()
    key = RECORDINGS
    with alarm_expected(capsys) as told:
        call_command("purge_expired", "--commit", "--rule", key, "--json")
    assert told["rules"][0]["deleted"] == 0
    assert told["rules"][0]["blocked"] == [{"reason": "alarm", "count": 2}]
    assert Recording.objects.count() == 2

    settings.PURGE_ALARM = {"share": 0.5, "rows": 3}  # the same share of a few rows is nothing unusual
    assert said(capsys, "purge_expired", "--rule", key)["rules"][0]["deleted"] == 2
    settings.PURGE_ALARM = {"share": 0.5, "rows": 2}
    assert said(capsys, "purge_expired", "--commit", "--rule", key, "--approve", key)["rules"][0]["deleted"] == 2
    assert PurgeApproval.objects.get().used_at is not None

    due_rows()
    with alarm_expected(capsys) as told:
        call_command("purge_expired", "--commit", "--rule", key, "--json")
    assert told["rules"][0]["deleted"] == 0


class alarm_expected:
    """Inside, the command's JSON is read; standard error tells of the alarm and what to do."""

    def __init__(self, capsys):
        self.capsys = capsys

    def __enter__(self):
        self.capsys.readouterr()
        self.told = {}
        return self.told

    def __exit__(self, *failure):
        out, err = self.capsys.readouterr()
        assert f"--approve {RECORDINGS}" in err
        self.told.update(json.loads(out))


@pytest.mark.django_db(transaction=True)
def test_two_at_once():
    """The second says so in one line on standard error, ends with an error, and does nothing."""
    due_rows()
    with alone("purge") as nobody_else:
        assert nobody_else
        ended = in_a_process("purge_expired", "--commit", "--json")
        assert ended.returncode != 0
        assert ended.stdout == ""
        assert ended.stderr.splitlines() == ["CommandError: Une autre purge est en cours. Rien n’a été fait."]
        assert Recording.objects.count() == 2
    ended = in_a_process("purge_expired", "--commit", "--json")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert json.loads(ended.stdout)["committed"] is True
    assert Recording.objects.count() == 0
    assert tried(lambda: json.loads(in_a_process("retention_report", "--json").stdout)["policy"]) == "2025-01-02"


def in_a_process(*arguments):
    from django.conf import settings

    url = sockets.database_url(VAR_DIR).removesuffix(sockets.DATABASE) + connection.settings_dict["NAME"]
    environment = os.environ | {
        "DATABASE_URL": url,
        "SOFRATEL_MODE": "test",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
    }
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.django_db
def test_the_shape_of_the_report(capsys, ask):
    ask(due_rows())
    told = said(capsys, "retention_report")
    assert set(told) == {"policy", "rows"}
    assert told["policy"] == "2025-01-02"
    assert [row["key"] for row in told["rows"]][:7] == SEVEN
    assert [row["key"] for row in told["rows"]] == [row.key for row in (*ROWS, *PROPOSALS)]
    for row in told["rows"]:
        assert set(row) == {"key", "label", "period", "models", "held", "oldest", "due", "blocked", "last_run"}
        assert row["models"] or row["key"] not in SEVEN
    rows = {row["key"]: row for row in told["rows"]}
    assert [rows[key]["period"] for key in SEVEN[:6]] == [
        {"months": 14},
        {"months": 3},
        {"months": 14},
        {"years": 10},
        {"months": 14},
        {"months": 13},
    ]
    assert set(rows["providers"]["period"]) == {"until"}
    assert rows["interventions"]["due"] == 1  # the call by itself; the intervention is in a request
    assert rows["interventions"]["blocked"] == [{"reason": "open_request", "count": 1}]
    assert rows["interventions"]["held"] == 2
    assert rows["interventions"]["oldest"] is not None
    assert rows["interventions"]["last_run"] is None
    assert rows["recordings"]["due"] == 2
    assert rows["accounting"]["oldest"] is None
    said(capsys, "purge_expired", "--commit")
    after = {row["key"]: row for row in said(capsys, "retention_report")["rows"]}
    assert after["recordings"]["due"] == 0
    assert all(after[key]["last_run"] is not None for key in SEVEN)
