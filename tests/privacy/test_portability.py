"""Portability: what the person provided, under consent or contract, in the shape that the published schema says."""

import csv
import io
import json
import zipfile
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from interventions.models import ComplaintMessage, Status
from privacy import consent
from privacy.models import ConsentEvent
from privacy.policy import CONSENT, CONTRACT, PURPOSES
from privacy.registry import registry
from privacy.rights.document import Contents
from privacy.rights.gather import Whole
from privacy.rights.portable import portable_archive, portables, schema
from tests.factories import (
    ComplaintFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    TenantMessageFactory,
    TransitionFactory,
    UserFactory,
)
from tests.privacy.test_access import recorded_call
from tests.sounds import WAV

pytestmark = pytest.mark.django_db

MINE, OURS = "Canari-Zygomatique", "Canari-Derive"


def archive_of(person):
    sealed = b"".join(portable_archive(Whole(person), now=timezone.now(), contents=Contents()))
    return zipfile.ZipFile(io.BytesIO(sealed))


def somebody(now):
    person = PersonFactory(family_name=f"{MINE}-nom", email=f"{MINE}@exemple.example", assistance=["long_ring"])
    PhoneFactory(person=person, number="+33611111111")
    own = InterventionFactory(
        occupant=person, status=Status.CLOSED, opened_at=now, description=f"{MINE}, « dit » ; à la ligne\nsuivante"
    )
    TransitionFactory(intervention=own, to_status=Status.CLOSED, at=now, reason=f"{OURS}-motif")
    LogEntryFactory(intervention=own, at=now, text=f"{OURS}-main-courante")
    TenantMessageFactory(intervention=own, person=person, at=now, text=f"{MINE}-message")
    TenantMessageFactory(intervention=own, person=person, at=now, author=UserFactory(), text=f"{OURS}-reponse")
    complaint = ComplaintFactory(person=person, subject=f"{MINE}-reclamation", opened_at=now)
    ComplaintMessage.objects.create(complaint=complaint, at=now, text=f"{OURS}-reponse", author=UserFactory())
    consent.give(person, purpose="surveys", channel="portal", by=None, now=now)
    return person


def complaints_of(value, said, where="$"):
    """What of `value` is not as this JSON Schema says: the part of the standard that ours uses."""
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool}
    kind = said.get("type")
    if kind and not (isinstance(value, kinds[kind]) and not (kind == "integer" and isinstance(value, bool))):
        yield f"{where} is no {kind}"
        return
    if "const" in said and value != said["const"]:
        yield f"{where} is not {said['const']}"
    if "enum" in said and value not in said["enum"]:
        yield f"{where} is none of its choices"
    match said.get("format"):
        case "date-time":
            datetime.fromisoformat(value)
        case "date":
            date.fromisoformat(value)
    if kind == "object":
        yield from (f"{where} has no {name}" for name in said.get("required", []) if name not in value)
        for name, each in value.items():
            if name in said["properties"]:
                yield from complaints_of(each, said["properties"][name], f"{where}.{name}")
            else:
                yield f"{where}.{name} is not in the schema"
    if kind == "array":
        for each in value:
            yield from complaints_of(each, said["items"], f"{where}[]")


def test_what_they_provided_is_there_and_what_we_wrote_is_not():
    now = timezone.now()
    person = somebody(now)
    recorded_call(now, caller=person)
    archive = archive_of(person)
    text = archive.read("donnees.json").decode()
    for what in ("nom", "message", "reclamation"):
        assert f"{MINE}-{what}" in text
    assert "+33611111111" in text
    assert OURS not in text
    assert [archive.read(name) for name in archive.namelist() if name.endswith(".wav")] == [WAV]
    assert not any(OURS in archive.read(name).decode() for name in archive.namelist() if name.endswith(".csv"))


def test_only_consent_and_contract():
    """The proof of a consent stands on the law, though the person gave it."""
    person = somebody(timezone.now())
    assert ConsentEvent.objects.filter(person=person).exists()
    data = json.loads(archive_of(person).read("donnees.json"))["datasets"]
    assert "privacy.consentevent" not in data
    assert "interventions.complaint" in data
    for portable in portables():
        for found in portable.fields:
            (declared,) = [each for each in portable.dataset.data if found.name in each.fields]
            assert declared.provided
            assert PURPOSES[declared.purpose].basis in (CONSENT, CONTRACT)


def test_nothing_of_who_is_in_the_same_row():
    now, person = timezone.now(), PersonFactory()
    InterventionFactory(
        occupant=PersonFactory(), reported_by=person, opened_at=now, description=OURS, contact_number="+33622222222"
    )
    text = archive_of(person).read("donnees.json").decode()
    assert OURS not in text
    assert "+33622222222" not in text


def test_it_is_what_the_schema_says():
    now = timezone.now()
    person = somebody(now)
    recorded_call(now, caller=person)
    archive = archive_of(person)
    data = json.loads(archive.read("donnees.json"))
    published = json.loads(archive.read("schema.json"))
    assert list(complaints_of(data, published)) == []
    assert sum(map(len, data["datasets"].values())) > 5
    data["datasets"]["accounts.person"][0]["title"] = "dr"
    data["datasets"]["accounts.person"][0]["surprise"] = 1
    assert len(list(complaints_of(data, published))) == 2


def test_the_schema_is_published(client):
    response = client.get("/confidentialite/portabilite.schema.json")
    assert response.status_code == 200
    assert response["Content-Type"] == "application/schema+json"
    assert response.json() == json.loads(json.dumps(schema(registry)))
    assert response.json()["$id"].endswith("/confidentialite/portabilite.schema.json")


def test_the_csv_says_the_same_as_the_json():
    person = somebody(timezone.now())
    archive = archive_of(person)
    datasets = json.loads(archive.read("donnees.json"))["datasets"]
    for name, rows in datasets.items():
        read = list(csv.DictReader(io.StringIO(archive.read(f"csv/{name}.csv").decode(), newline="")))
        assert len(read) == len(rows), name
        for line, row in zip(read, rows, strict=True):
            for field, value in row.items():
                cell = line[field]
                assert cell == value if isinstance(value, str) else json.loads(cell) == value


def test_the_command_writes_it_too(tmp_path):
    person = PersonFactory(family_name=MINE)
    call_command("export_person", str(person.pk), output=tmp_path / "copie.zip", portable=True)
    archive = zipfile.ZipFile(tmp_path / "copie.zip")
    assert MINE in archive.read("csv/accounts.person.csv").decode()
    assert "vos-donnees.html" not in archive.namelist()


def test_what_is_due_does_not_go_along():
    now, person = timezone.now(), PersonFactory()
    InterventionFactory(occupant=person, status="closed", opened_at=now - timedelta(days=800), description=MINE)
    assert MINE not in archive_of(person).read("donnees.json").decode()
