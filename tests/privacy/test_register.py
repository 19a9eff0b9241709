"""The register of article 30 is the declarations in words: nothing typed, nothing personal, always the same bytes."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from accounts.roles import Role
from privacy import policy
from privacy.pdf import pdf
from privacy.policy import PURPOSES
from privacy.register import as_csv, as_json, as_markdown, processing_register
from privacy.registry import registry
from tests.factories import PersonFactory, UserFactory

WRITTEN = [as_json, as_csv, as_markdown, lambda register: pdf("register", register)]


def processing(key):
    return next(each for each in processing_register()["processings"] if each["key"] == key)


def test_every_purpose_of_the_policy_is_a_processing_and_every_declared_dataset_is_in_one():
    found = processing_register()
    assert [each["key"] for each in found["processings"]] == list(PURPOSES)
    named = {dataset["name"] for each in found["processings"] for dataset in each["datasets"]}
    assert named == {dataset.name for dataset in registry.datasets.values()}
    assert found["numbers"]["datasets"] == len(named)
    assert found["numbers"]["fields"] == sum(len(each.personal_fields) for each in registry.datasets.values())


@pytest.mark.parametrize("key", [key for key in PURPOSES if processing(key)["datasets"]])
def test_each_says_what_article_30_asks_for(key):
    found = processing(key)
    for name in ("label", "basis", "people", "categories", "recipients", "periods"):
        assert found[name], name
    for recipient in found["recipients"]:
        assert recipient["country"] in policy.EUROPEAN_ECONOMIC_AREA or recipient["guarantee"]


def test_people_are_named_in_words_and_not_by_the_roles_of_rows():
    people = {who for each in processing_register()["processings"] for who in each["people"]}
    assert people <= {*policy.PEOPLE.values(), "personnel"}
    assert all(dataset.subjects or dataset.people or dataset.follows for dataset in registry.datasets.values())


def test_what_hangs_from_something_goes_with_it():
    """Declared without a period of its own, a transition has the intervention's."""
    assert "interventions" in {period["key"] for period in processing("interventions")["periods"]}
    assert "recordings" in {period["key"] for period in processing("recording")["periods"]}


def test_who_is_outside_the_european_economic_area_is_a_transfer(monkeypatch):
    assert processing_register()["numbers"]["transfers"] == 0
    abroad = policy.Supplier("far", "Loin", "Héberge.", ("account",), "US", policy.TRANSFER_GUARANTEES[1])
    monkeypatch.setattr(policy, "SUPPLIERS", (abroad,))
    found = processing("account")
    assert [(each["label"], each["country"]) for each in found["transfers"]] == [("Loin", "US")]
    assert policy.TRANSFER_GUARANTEES[1] in as_json(processing_register())
    assert processing("recording")["transfers"] == []


@pytest.mark.parametrize("write", WRITTEN)
def test_the_same_declarations_give_the_same_bytes(write):
    assert write(processing_register()) == write(processing_register())


@pytest.mark.parametrize("seed", ["0", "1"])
def test_another_process_gives_the_same_bytes_too(seed):
    """Sets are read in another order there."""
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", "from privacy.register import *; print(as_json("]
    command[-1] += "processing_register()), end='')"
    told = subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env={**os.environ, "PYTHONHASHSEED": seed, "SOFRATEL_MODE": "test"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == as_json(processing_register())


@pytest.mark.django_db
def test_nothing_personal_is_in_it():
    PersonFactory(family_name="Zygomatique")
    UserFactory(full_name="Hippocampe")
    for write in WRITTEN[:3]:
        text = write(processing_register())
        assert "Zygomatique" not in text
        assert "Hippocampe" not in text


def test_the_csv_has_a_line_a_processing():
    lines = list(csv.reader(io.StringIO(as_csv(processing_register())), delimiter=";"))
    assert lines[0][0] == "Traitement"
    assert [line[0] for line in lines[1:]] == [purpose.label for purpose in PURPOSES.values()]
    assert {len(line) for line in lines} == {8}


# The command ----------------------------------------------------------------------------------------------------------


def test_the_command_prints_one_object_and_nothing_else(capsys):
    call_command("processing_register", format="json")
    assert json.loads(capsys.readouterr().out) == processing_register()


@pytest.mark.parametrize("ending", ["json", "csv", "md"])
def test_the_command_writes_a_file(tmp_path, ending, capsys):
    path = tmp_path / f"registre.{ending}"
    call_command("processing_register", format=ending, output=path)
    assert capsys.readouterr().out == ""
    assert "Gérer votre compte" in path.read_text(encoding="utf-8")


def test_a_folder_that_is_not_there_is_told_in_one_line(tmp_path):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("processing_register", format="md", output=tmp_path / "nowhere" / "registre.md")


@pytest.mark.parametrize("said", [[], ["--format", "xml"]])
def test_a_format_is_asked_for(said):
    with pytest.raises(CommandError):
        call_command("processing_register", *said)


# The pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
def test_it_is_read_on_screen_and_as_files(client, role):
    client.force_login(UserFactory(role=role))
    page = client.get(reverse("admin:register")).content.decode()
    assert "Enregistrer les appels" in page
    assert client.get(reverse("admin:register_file", args=["json"])).json() == processing_register()
    assert client.get(reverse("admin:register_file", args=["csv"])).content.decode("utf-8-sig").startswith("Traitement")
    assert client.get(reverse("admin:register_file", args=["pdf"])).content.startswith(b"%PDF-")
    assert client.get(reverse("admin:register_file", args=["exe"])).status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.AGENT, Role.ACCOUNTING, Role.TENANT])
def test_it_is_nobody_else_s(client, role):
    client.force_login(UserFactory(role=role))
    for address in (reverse("admin:register"), reverse("admin:register_file", args=["json"])):
        assert client.get(address).status_code in (302, 403)
