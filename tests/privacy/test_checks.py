"""Nothing about personal data stays undecided: each check fires, and says what to write."""

from dataclasses import replace

import pytest
from django.core.management import call_command

from privacy.checks import check_periods, check_registry
from privacy.declarations import Data, NotPersonal, Stays
from privacy.registry import Registry
from tests.privacy.sample.models import Contract, Note, Ticket
from tests.privacy.sample.personal_data import ATTACHMENT, BILL, DECLARED, FOLDER, MODELS, NOTE, TICKET, sample

(TICKET_EXPIRY,) = TICKET.expires


def declared(*changed, without=()):
    """The sample's registry with some of its declarations changed."""
    registry = Registry()
    registry.register(*(entry for entry in DECLARED if entry.model not in without), *changed)
    return registry


def found(registry, models=MODELS):
    return [(error.id, error.obj, error.msg, error.hint) for error in check_registry(registry, models)]


def the_one(registry):
    (only,) = found(registry)
    return only


def test_the_whole_project_is_decided():
    call_command("check", "--tag", "privacy")


def test_a_decided_application_passes():
    assert found(sample) == []


def test_e001_a_model_that_nobody_declared():
    error, model, message, hint = the_one(declared(without=[Contract]))
    assert (error, model) == ("privacy.E001", Contract)
    assert message == "sample.Contract n’est pas déclaré."
    assert "Dataset(Contract, …)" in hint
    assert "NotPersonal(Contract, pourquoi)" in hint
    assert "personal_data.py" in hint


def test_e002_a_field_that_nobody_decided():
    (data,) = NOTE.data
    silent = replace(NOTE, data=(Data(data.category, data.purpose, "ticket author"),))
    error, model, message, hint = the_one(declared(silent))
    assert (error, model) == ("privacy.E002", Note)
    assert message.startswith("sample.Note.text")
    assert "not_personal" in hint


def test_e002_a_declared_field_that_is_no_more():
    error, _, message, hint = the_one(declared(replace(NOTE, not_personal=("id", "colour"))))
    assert (error, message) == ("privacy.E002", "sample.Note.colour est déclaré mais n’existe pas.")
    assert hint == "Retirez-le de la déclaration."


@pytest.mark.parametrize(
    "expiry",
    [
        replace(TICKET_EXPIRY, fallback=""),
        replace(TICKET_EXPIRY, fallback="closed_at"),
        replace(TICKET_EXPIRY, clock="folder__made_at", fallback=""),  # the way to the clock may be missing
        replace(TICKET_EXPIRY, clock="bills__closes_on", fallback=""),  # so may the row it is on
    ],
    ids=["without fallback", "with an empty fallback", "through an empty key", "on rows that may not be"],
)
def test_e003_a_clock_that_may_be_null(expiry):
    error, model, message, hint = the_one(declared(replace(TICKET, expires=(expiry,))))
    assert (error, model) == ("privacy.E003", Ticket)
    assert f"l’horloge {expiry.clock} peut rester vide" in message
    assert "fallback" in hint


def test_e003_is_content_with_a_reason():
    told = replace(TICKET_EXPIRY, fallback="", while_null="the ticket is still open")
    assert found(declared(replace(TICKET, expires=(told,)))) == []


def test_e004_a_relation_into_purged_rows():
    error, model, message, hint = the_one(declared(replace(BILL, detaches=())))
    assert (error, model) == ("privacy.E004", BILL.model)
    assert message == "sample.Bill.ticket mène à sample.Ticket, que la purge supprime."
    assert "follows" in hint
    assert "detaches" in hint


def test_e004_also_from_a_model_that_holds_nothing_personal():
    registry = declared(NotPersonal(BILL.model, "an amount"), without=[BILL.model])
    assert ("privacy.E004", BILL.model) in [(error, model) for error, model, *_ in found(registry)]


def test_e004_spares_rows_that_are_kept_while_referenced():
    kept = {error for error, *_ in found(declared())}
    freed = {error for error, *_ in found(declared(replace(FOLDER, kept_while_referenced=False)))}
    assert (kept, freed) == (set(), {"privacy.E004"})


def test_e005_a_file_left_behind():
    error, model, message, hint = the_one(declared(replace(ATTACHMENT, files=())))
    assert (error, model) == ("privacy.E005", ATTACHMENT.model)
    assert message.startswith("sample.Attachment.file")
    assert hint == "Ajoutez « file » à files."


def test_e010_a_file_that_nobody_could_be_given_a_copy_of():
    error, model, message, hint = the_one(declared(replace(ATTACHMENT, reads={})))
    assert (error, model) == ("privacy.E010", ATTACHMENT.model)
    assert message.startswith("sample.Attachment.file")
    assert hint.startswith("Dites dans reads")


def test_e006_a_field_that_outlives_the_way_to_its_person():
    lost = replace(BILL, subjects={"payer": "ticket__owner"})
    error, model, message, hint = the_one(declared(lost))
    assert (error, model) == ("privacy.E006", BILL.model)
    assert "« ticket__owner »" in message
    assert "follows" in hint


def test_e007_a_row_of_the_policy_that_nothing_enforces():
    error, _, message, hint = the_one(declared(replace(BILL, expires=())))
    assert error == "privacy.E007"
    assert message == "La politique promet « Factures et pièces comptables » et rien ne l’applique."
    assert 'Expiry(row="accounting", …)' in hint


def test_e007_a_row_that_is_not_in_the_policy():
    invented = replace(TICKET_EXPIRY, also=(*TICKET_EXPIRY.also, "souvenirs"))
    error, _, message, _ = the_one(declared(replace(TICKET, expires=(invented,))))
    assert (error, message) == ("privacy.E007", "« souvenirs » n’est pas une ligne de la politique.")


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("from privacy.policy import NEVER_CLOSED", []),
        ("KEPT = relativedelta(months=14)", [1]),
        ("day = 3\nKEPT = Period(years=10)", [2]),
        ("since = today + relativedelta(months=-3)", [1]),
        ("KEPT = relativedelta(months=2 * 12)", [1]),
        ("due = clock + relativedelta(months=contract.months)", []),
        ("due = clock + timedelta(days=1)", []),
    ],
)
def test_e008_a_period_written_elsewhere_than_in_the_policy(tmp_path, source, lines):
    (tmp_path / "rules.py").write_text(source)
    errors = check_periods([tmp_path])
    assert [error.id for error in errors] == ["privacy.E008"] * len(lines)
    assert [error.msg.split("\N{NO-BREAK SPACE}:")[0] for error in errors] == [
        f"rules.py, ligne {line}" for line in lines
    ]
    assert all("privacy/policy.py" in error.hint for error in errors)


def test_e008_lets_the_policy_itself_say_them(tmp_path):
    (tmp_path / "privacy").mkdir()
    (tmp_path / "privacy" / "policy.py").write_text("KEPT = Period(months=14)")
    assert check_periods([tmp_path]) == []
    (tmp_path / "privacy" / "retention.py").write_text("KEPT = Period(months=14)")
    assert len(check_periods([tmp_path])) == 1


def test_e009_a_person_who_could_not_be_cut_from_what_stays():
    of_two = replace(NOTE, subjects={"author": "author", "ticket": "ticket"}, follows=(), detaches=("ticket",))
    (message,) = [message for error, _, message, _ in found(declared(of_two)) if error == "privacy.E009"]
    assert message.startswith("sample.Note.ticket")


def test_e009_what_stays_and_hangs_from_what_goes():
    error, model, message, hint = the_one(declared(replace(NOTE, on_erasure=Stays())))
    assert (error, model) == ("privacy.E009", Note)
    assert "sample.Ticket" in message
    assert "on_erasure" in hint


@pytest.mark.parametrize("own", [{"author": "colour"}, {"owner": "text"}], ids=["field", "role"])
def test_e009_a_field_of_ones_own_that_is_none(own):
    error, model, message, _ = the_one(declared(replace(NOTE, own=own)))
    assert (error, model) == ("privacy.E009", Note)
    assert "own" in message
