"""What a landlord's software reads: its own estate, the same least fields, page by page."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.urls import reverse

from accounts.roles import Role
from interventions.landlord.api.door import PER_MINUTE
from interventions.landlord.interfaces import create_token, revoke_token
from interventions.models import ApiToken, Status
from privacy.models import Disclosure, JournalEntry, Restriction
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    DwellingFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ResidenceFactory,
    TransitionFactory,
    UserFactory,
)
from tests.signing_in import signed_in_now

pytestmark = pytest.mark.django_db

API = "/api/bailleur/v1"


@pytest.fixture(autouse=True)
def night():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def token(landlord, manager):
    return create_token(landlord, name="Patrimoine", by=manager, now=NOW)


@pytest.fixture
def get(client, token):
    def ask(path, *, key=token, **asked):
        return client.get(f"{API}{path}", asked, headers={"Authorization": f"Bearer {key}"})

    return ask


def opened(landlord, **fields):
    dwelling = DwellingFactory(residence=ResidenceFactory(landlord=landlord), door="12")
    made = InterventionFactory(residence=dwelling.residence, dwelling=dwelling, opened_at=NOW, **fields)
    TransitionFactory(intervention=made, to_status=made.status, at=NOW)
    return made


def assert_problem(response, status):
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status


# The key --------------------------------------------------------------------------------------------------------------


def test_without_a_living_token_nothing_is_told(client, get, landlord, manager):
    assert get("/residences").status_code == 200
    assert_problem(client.get(f"{API}/residences"), 401)
    assert_problem(get("/residences", key="forged"), 401)
    revoke_token(ApiToken.objects.get(), by=manager, now=NOW)
    assert_problem(get("/residences"), 401)


def test_a_session_gives_no_right_here(client, manager):
    client.force_login(manager)
    assert client.get("/bailleur/").status_code == 200
    assert_problem(client.get(f"{API}/residences"), 401)


def test_only_the_hash_is_kept_and_its_last_use(get, token):
    kept = ApiToken.objects.get()
    assert token not in str(vars(kept))
    assert kept.last_used_at is None
    get("/residences")
    kept.refresh_from_db()
    assert kept.last_used_at == NOW


def test_each_read_is_in_the_journal_by_token(get):
    before = JournalEntry.objects.filter(action="read", model="interventions.ApiToken").count()
    get("/interventions")
    entry = JournalEntry.objects.filter(action="read", model="interventions.ApiToken").latest("pk")
    assert before == 0
    assert entry.object_id == ApiToken.objects.get().pk


def test_too_many_requests_are_put_off_token_by_token(get, landlord, manager, monkeypatch):
    cache.clear()
    statuses = [get("/nothing-here").status_code for _ in range(PER_MINUTE)]
    assert set(statuses) == {404}
    refused = get("/residences")
    assert_problem(refused, 429)
    assert 1 <= int(refused["Retry-After"]) <= 60
    other = create_token(landlord, name="Autre", by=manager, now=NOW)
    assert get("/residences", key=other).status_code == 200


# What it reads --------------------------------------------------------------------------------------------------------


def test_an_intervention_is_exactly_these_fields(get, landlord):
    person = PersonFactory(family_name="Zygomatique")
    job = opened(landlord, occupant=person, description="Chez Odile", contact_number="+33612345678")
    answer = get(f"/interventions/{job.pk}")
    told = answer.json()
    assert set(told) == {
        *("id", "reference", "residence", "place", "problem", "status", "status_label"),
        *("due_at", "opened_at", "ended_at", "steps"),
    }
    assert set(told["residence"]) == {"id", "reference", "name", "address", "sector"}
    assert (told["reference"], told["status"], told["place"]) == (job.reference, "qualified", "porte 12")
    text = answer.content.decode()
    assert "ygomatique" not in text.lower()
    assert "Odile" not in text
    assert "12345678" not in text
    fields = {"référence", "adresse", "logement", "problème", "heure promise", "avancement", "heures des étapes"}
    line = Disclosure.objects.get(person=person)
    assert set(line.fields) == fields
    assert line.recipient_name == landlord.name


def test_anothers_are_not_there(get, landlord):
    own, other = opened(landlord), opened(LandlordFactory())
    assert get(f"/interventions/{own.pk}").status_code == 200
    assert_problem(get(f"/interventions/{other.pk}"), 404)
    assert [one["id"] for one in get("/interventions").json()["items"]] == [own.pk]
    assert [one["id"] for one in get("/residences").json()["items"]] == [own.residence_id]


def test_whose_data_are_restricted_are_left_out(get, landlord):
    job = opened(landlord, occupant=PersonFactory())
    assert get(f"/interventions/{job.pk}").status_code == 200
    Restriction.objects.create(person=job.occupant, reason=Restriction.Reason.ACCURACY, started_at=NOW)
    assert_problem(get(f"/interventions/{job.pk}"), 404)
    assert get("/interventions").json()["items"] == []


def test_pages_follow_each_other_without_a_gap_or_a_double(get, landlord):
    rows = [opened(landlord).pk for _ in range(5)]
    found, cursor = [], ""
    for _ in range(3):
        page = get("/interventions", limit=2, **({"cursor": cursor} if cursor else {})).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert found == rows
    assert cursor is None


def test_filters(get, landlord):
    job = opened(landlord)
    ended = opened(landlord, status=Status.CLOSED, closed_at=NOW)
    late = opened(landlord)
    type(late).objects.filter(pk=late.pk).update(opened_at=NOW + timedelta(days=1))

    def ids(**asked):
        return [one["id"] for one in get("/interventions", **asked).json()["items"]]

    assert ids() == [job.pk, ended.pk, late.pk]
    assert ids(state="open") == [job.pk, late.pk]
    assert ids(state="ended") == [ended.pk]
    assert ids(since="2026-03-11T00:00:00+01:00") == [late.pk]
    assert ids(until="2026-03-11T00:00:00+01:00") == [job.pk, ended.pk]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", value) for value in ("0", "101", "x", "-1")),
        *(("cursor", value) for value in ("é", "abc", "!!", "LTE=", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5")),
        *(("since", value) for value in ("hier", "2026-03-11", "2026-03-11T07:00:00", "2026-13-01T00:00:00Z")),
        ("state", "late"),
    ],
)
def test_what_makes_no_sense_is_told_by_field(get, name, value):
    response = get("/interventions", **{name: value})
    assert_problem(response, 422)
    assert list(response.json()["errors"]) == [name]


def test_figures_are_the_published_tables(get):
    told = get("/figures").json()
    assert told["year"] == 2026
    assert told["total"] is None  # nothing to publish yet
    assert_problem(get("/figures", year=1999), 404)
    assert_problem(get("/figures", year="x"), 422)


def test_it_reads_and_nothing_else(client, token):
    assert_problem(client.post(f"{API}/residences", headers={"Authorization": f"Bearer {token}"}), 405)


def test_answers_are_as_the_document_says(client, get, landlord):
    document = client.get(f"{API}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    job = opened(landlord)
    schemas = document["components"]["schemas"]
    for path, answer in {
        "/interventions": get("/interventions"),
        "/interventions/{id}": get(f"/interventions/{job.pk}"),
        "/residences": get("/residences"),
        "/figures": get("/figures"),
    }.items():
        said = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert_fits(json.loads(answer.content), said, schemas)


def assert_fits(value, schema, schemas):
    """As much of JSON Schema as the document uses."""
    if "$ref" in schema:
        return assert_fits(value, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        assert isinstance(value, tuple(kinds[name] for name in names)), (value, schema)
    if "enum" in schema:
        assert value in schema["enum"]
    if isinstance(value, dict) and "properties" in schema:
        assert set(value) == set(schema["properties"])
        for name, part in schema["properties"].items():
            assert_fits(value[name], part, schemas)
    elif isinstance(value, dict):
        for part in value.values():
            assert_fits(part, schema["additionalProperties"], schemas)
    for one in value if isinstance(value, list) else []:
        assert_fits(one, schema["items"], schemas)
    return None


# Its page -------------------------------------------------------------------------------------------------------------


def test_a_token_is_made_shown_once_and_revoked_on_the_page(manager, landlord):
    page = reverse("landlord_interfaces:interfaces")
    client = signed_in_now(manager)
    made = client.post(page, {"act": "token", "name": "Patrimoine"})
    secret = made.content.decode().partition('id="new-token" value="')[2].partition('"')[0]
    assert len(secret) >= 43
    assert secret not in client.get(page).content.decode()
    asked = {"headers": {"Authorization": f"Bearer {secret}"}}
    assert client.get(f"{API}/residences", **asked).status_code == 200
    client.post(page, {"act": "revoke", "token": ApiToken.objects.get().pk})
    assert client.get(f"{API}/residences", **asked).status_code == 401
    assert "Aucun jeton" in words(client.get(page))


def test_a_manager_looks_after_its_own_landlords_and_the_administrator_after_all(manager, landlord, token):
    page = reverse("landlord_interfaces:interfaces")
    elsewhere = LandlordFactory()
    assert signed_in_now(manager).get(f"{page}?bailleur={elsewhere.pk}").status_code == 404
    administrator = signed_in_now(UserFactory(role=Role.ADMINISTRATOR))
    assert administrator.get(f"{page}?bailleur={elsewhere.pk}").status_code == 200
    stranger = UserFactory(role=Role.LANDLORD_MANAGER)
    elsewhere.managers.add(stranger)
    number = ApiToken.objects.get().pk
    assert signed_in_now(stranger).post(page, {"act": "revoke", "token": number}).status_code == 404
    assert ApiToken.objects.alive().exists()
