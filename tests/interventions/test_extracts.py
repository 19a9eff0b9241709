"""
What leaves, as each kind of recipient opens it: exactly the fields that `fields.txt` writes out, and nothing else of
the person or the intervention, which all bear a canary of their own.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import Phone
from accounts.roles import Role
from interventions import emergencies, relocations, spending, webhooks
from interventions.landlord.interfaces import create_token
from interventions.lifecycle import advance
from interventions.models import EmergencyAlert, Intervention, Provider, Status, WebhookDelivery
from privacy import consent, disclosure
from privacy.models import Disclosure
from privacy.outbox import sms
from privacy.policy import FIELDS
from tests.callcenter.console.reading import words
from tests.factories import (
    AccessCodeFactory,
    DwellingFactory,
    HotelFactory,
    InterventionFactory,
    LandlordFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    RelocationFactory,
    ResidenceFactory,
    TenancyFactory,
    TenantMessageFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Told:
    extract: str
    purpose: str
    place: str
    kinds: tuple[str, ...]
    fields: frozenset[str]


def read_table() -> list[Told]:
    lines = (Path(__file__).parent / "fields.txt").read_text().splitlines()
    columns = [re.split(r"\s{2,}", line.strip()) for line in lines if line and not line.startswith("#")]
    return [
        Told(extract, purpose, place, tuple(kinds.split(",")), frozenset(" ".join(fields).split()))
        for extract, purpose, place, kinds, *fields in columns
    ]


TABLE = read_table()

# What shows each field in a page or a file, as somebody reads it.
SEEN: dict[str, str] = {
    "address": "31 rue du Canari-Adresse",
    "place": "CANARIPORTE",
    "access_codes": "7391C",
    "problem": "Fuite sur un tuyau",
    "danger": "Odeur de gaz",
    "callback": "06 55 51 11 11",
    "name": "ZYGOMATIQUE",
    "phones": "06 55 52 22 22",
    "guests": "Personnes 4",
    "nights": "Première nuit",
    "needs": "Lit bébé",
    "times": "Transmise",
}
# What each key that software reads tells of an intervention, beyond its number.
KEYS = {
    "reference": "reference",
    "residence": "address",
    "place": "place",
    "problem": "problem",
    "due_at": "due",
    "status": "status",
    "status_label": "status",
    "opened_at": "times",
    "ended_at": "times",
    "steps": "times",
}
# What nobody outside is ever given.
NEVER = {
    "email": "canari.courriel@exemple.example",
    "description": "Canari-Description",
    "override": "Canari-Derogation",
    "reporter": "CANARI-SIGNALANT",
    "reporter's number": "06 55 53 33 33",
    "relative's number": "06 55 54 44 44",
    "log": "Canari-Maincourante",
    "message": "Canari-Message",
    "tenancy": "CANARIBAIL",
    "reason": "Canari-Raison",
    "agent": "Canari-Agent",
}


@dataclass
class Scene:
    intervention: Any
    client: Client
    provider: Provider
    now: Any = field(default_factory=timezone.now)

    @property
    def landlord(self) -> Any:
        return self.intervention.landlord

    def as_manager(self, path: str, **said: str) -> str:
        manager = UserFactory(role=Role.LANDLORD_MANAGER)
        self.landlord.managers.add(manager)
        self.client.force_login(manager)
        if said:
            assert self.client.post(f"{path}personne/", said).status_code == 302
        response = self.client.get(path)
        if not response.streaming:
            return words(response)
        content = b"".join(response)
        return cells(content) if path.endswith(".xlsx") else content.decode()

    def as_software(self, path: str) -> str:
        token = create_token(self.landlord, name="Patrimoine", by=UserFactory(), now=self.now)
        response = self.client.get(f"/api/bailleur/v1{path}", headers={"Authorization": f"Bearer {token}"})
        assert response.status_code == 200
        return in_letters(response.content)

    def sent(self) -> str:
        deliver_all(self.now)
        bodies = [text.text for text in sms.outbox] + [f"{each.subject} {each.body}" for each in mail.outbox]
        assert bodies
        return " ".join(bodies)

    def link(self, part: str) -> str:
        return next(word[word.index(part) :] for word in self.sent().split() if part in word)

    def dispatch(self, *, to: Status = Status.DISPATCHED) -> str:
        """The provider's link, with the job where it is by now."""
        path = [Status.DISPATCHED, Status.ACCEPTED, Status.ON_SITE, Status.DONE]
        agent, provider = UserFactory(full_name=NEVER["agent"]), self.provider
        for step in path[: path.index(to) + 1]:
            current = Intervention.objects.get(pk=self.intervention.pk)
            advance(current, to=step, by=agent, now=self.now, version=current.version, provider=provider)
        return self.link("/p/")

    def stay(self) -> Any:
        relocation = RelocationFactory(
            intervention=self.intervention,
            hotel=HotelFactory(email="hotel@exemple.example", number="+33611000003"),
            guests=4,
            from_on=timezone.localdate(self.now),
            until_on=timezone.localdate(self.now) + timedelta(days=1),
        )
        return relocations.approve(
            relocation, reason=NEVER["reason"], by=UserFactory(role=Role.SUPERVISOR), now=self.now
        )


def cells(content: bytes) -> str:
    rows = (row for sheet in load_workbook(BytesIO(content)) for row in sheet.iter_rows(values_only=True))
    return " ".join(str(value) for row in rows for value in row)


def in_letters(content: bytes) -> str:
    """JSON without escapes, where a canary could hide."""
    return json.dumps(json.loads(content), ensure_ascii=False)


@pytest.fixture
def scene(client: Client, request: pytest.FixtureRequest) -> Scene:
    now = timezone.now()
    residence = ResidenceFactory(
        landlord=LandlordFactory(spending_limit=100), street=SEEN["address"], name="Les Canaris"
    )
    AccessCodeFactory(residence=residence, code=SEEN["access_codes"])
    dwelling = DwellingFactory(residence=residence, door="CANARIPORTE")
    occupant = PersonFactory(family_name=SEEN["name"], email=NEVER["email"])
    PhoneFactory(person=occupant, number="+33655522222")
    PhoneFactory(person=occupant, number="+33655544444", kind=Phone.Kind.RELATIVE)
    TenancyFactory(person=occupant, dwelling=dwelling, reference=NEVER["tenancy"])
    reporter = PersonFactory(family_name=NEVER["reporter"])
    PhoneFactory(person=reporter, number="+33655533333")
    intervention = InterventionFactory(
        residence=residence,
        dwelling=dwelling,
        occupant=occupant,
        reported_by=reporter,
        contact_number="+33655511111",
        description=NEVER["description"],
        override_reason=NEVER["override"],
        opened_at=now,
        on_site_by=now + timedelta(hours=2),
        suggested_on_site_by=now + timedelta(hours=2),
    )
    LogEntryFactory(intervention=intervention, text=NEVER["log"], author=UserFactory(full_name=NEVER["agent"]))
    TenantMessageFactory(intervention=intervention, person=occupant, text=NEVER["message"])
    SEEN["problem"] = intervention.problem.label
    kind = getattr(request, "param", "")
    known = kind if kind in Provider.Kind.values else Provider.Kind.TRADES
    provider = ProviderFactory(kind=known, number="+33611000001", email="depannage@exemple.example")
    return Scene(intervention, client, provider, now)


def spending_link(scene: Scene) -> str:
    scene.landlord.contacts.create(
        name="Astreinte", number="+33611000009", email="astreinte@exemple.example", approves_spending=True
    )
    scene.dispatch(to=Status.ACCEPTED)
    current = Intervention.objects.get(pk=scene.intervention.pk)
    spending.ask(current, amount=Decimal(450), what="Pompe", by=None, now=scene.now)
    mail.outbox.clear()
    sms.outbox.clear()
    return scene.link("/p/depense/")


def landlord_page(scene: Scene, **said: str) -> str:
    scene.dispatch()
    return scene.as_manager(reverse("landlord:intervention", args=[scene.intervention.pk]), **said)


def with_consent(scene: Scene) -> str:
    occupant = scene.intervention.occupant
    consent.give(occupant, purpose="handing_identity", channel="portal", by=None, now=scene.now)
    return landlord_page(scene)


def landlord_file(scene: Scene, kind: str) -> str:
    scene.dispatch()
    return scene.as_manager(reverse(f"landlord:interventions_{kind}"))


def landlord_api(scene: Scene, path: str) -> str:
    scene.dispatch()
    return scene.as_software(path)


def webhook_body(scene: Scene) -> str:
    webhooks.keep(scene.landlord, url="https://bailleur.example/", by=UserFactory(), now=scene.now)
    scene.dispatch()
    return in_letters(webhooks.content_of(WebhookDelivery.objects.get(), now=scene.now))


def read_out(scene: Scene) -> str:
    scene.client.force_login(UserFactory())
    sheet = reverse("console:tell_emergency", args=[scene.intervention.pk])
    page = scene.client.post(sheet, {"service": "fire", "danger": "gas"}, follow=True).content.decode()
    told = re.search(r'<dl class="read-out">.*?</dl>', page, re.DOTALL)
    assert told
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", told[0]))


def duty_read_out(scene: Scene) -> str:
    """By telephone: the agent has the sheet. What may be told is what the gate gives."""
    given = disclosure.give("duty", scene.intervention, to=scene.landlord, by=UserFactory(), now=scene.now)
    return " ".join(str(value) for value in given.values()) + f" {given['address'].street}"


def hotel_page(scene: Scene, *, confirmed: bool) -> str:
    relocation = scene.stay()
    if confirmed:
        relocations.answer(relocation, confirmed=True, now=scene.now)
    return words(scene.client.get(scene.link("/hotel/")))


OPENED: dict[tuple[str, str], Callable[[Scene], str]] = {
    ("job", "page, to accept"): lambda scene: words(scene.client.get(scene.dispatch())),
    ("job", "page, accepted"): lambda scene: words(scene.client.get(scene.dispatch(to=Status.ACCEPTED))),
    ("job", "page, done"): lambda scene: words(scene.client.get(scene.dispatch(to=Status.DONE))),
    ("job", "messages"): lambda scene: scene.dispatch() and scene.sent(),
    ("spending", "page"): lambda scene: words(scene.client.get(spending_link(scene))),
    ("spending", "messages"): lambda scene: spending_link(scene) and scene.sent(),
    ("duty", "read out"): duty_read_out,
    ("landlord_status", "page"): landlord_page,
    ("landlord_status", "CSV"): lambda scene: landlord_file(scene, "csv"),
    ("landlord_status", "XLSX"): lambda scene: landlord_file(scene, "xlsx"),
    ("landlord_status", "API, list"): lambda scene: landlord_api(scene, "/interventions"),
    ("landlord_status", "API, one"): lambda scene: landlord_api(scene, f"/interventions/{scene.intervention.pk}"),
    ("landlord_status", "webhook"): webhook_body,
    ("landlord_identity", "page"): with_consent,
    ("landlord_follow_up", "page"): lambda scene: landlord_page(scene, why="access"),
    ("emergency", "read out"): read_out,
    ("hotel", "page, asked"): lambda scene: hotel_page(scene, confirmed=False),
    ("hotel", "page, confirmed"): lambda scene: hotel_page(scene, confirmed=True),
    ("hotel", "messages"): lambda scene: scene.stay() and scene.sent(),
}


def test_the_table_lists_what_is_declared_and_each_place_is_opened():
    assert {told.extract for told in TABLE} == set(disclosure.extracts)
    assert {(told.extract, told.place) for told in TABLE} == set(OPENED)


def test_each_extract_has_the_fields_and_the_purpose_that_the_table_says():
    for key, extract in disclosure.extracts.items():
        lines = [told for told in TABLE if told.extract == key]
        most = frozenset().union(*(told.fields for told in lines))
        if key in ("landlord_identity", "landlord_follow_up"):  # on the page of what is followed
            most -= next(told.fields for told in TABLE if told.extract == "landlord_status")
        assert (key, most) == (key, frozenset(extract.fields))
        assert {told.purpose for told in lines} == {extract.purpose}
        assert extract.kind in lines[0].kinds


def place_and_kind() -> list[Any]:
    return [
        pytest.param(told, kind, id=f"{told.extract}, {told.place}, {kind}") for told in TABLE for kind in told.kinds
    ]


@pytest.mark.parametrize(("told", "scene"), place_and_kind(), indirect=["scene"])
def test_it_shows_exactly_these_fields(told: Told, scene: Scene):
    shown = re.sub(r"[\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]", " ", OPENED[told.extract, told.place](scene))
    seen = SEEN | {"reference": scene.intervention.reference}
    for name, canary in seen.items():
        assert (name, canary in shown) == (name, name in told.fields), shown
    assert {name for name, canary in NEVER.items() if canary in shown} == set()


@pytest.mark.parametrize("place", ["API, list", "API, one", "webhook"])
def test_software_reads_no_key_that_tells_another_field(place: str, scene: Scene):
    said = json.loads(OPENED["landlord_status", place](scene))
    piece = {"API, list": lambda: said["items"][0], "API, one": lambda: said, "webhook": lambda: said["intervention"]}
    told = {KEYS[key] for key in piece[place]() if key != "id"}
    assert told == next(line.fields for line in TABLE if line.place == place)


def test_every_canary_is_there_to_leak(scene: Scene):
    held: Any = Intervention.objects.get(pk=scene.intervention.pk)
    assert (held.description, held.override_reason) == (NEVER["description"], NEVER["override"])
    assert held.occupant.email == NEVER["email"]
    assert held.reported_by.family_name == NEVER["reporter"]
    assert {phone.number for phone in held.occupant.phones.all()} == {"+33655522222", "+33655544444"}
    assert held.entries.get().text == NEVER["log"]
    assert held.messages.get().text == NEVER["message"]
    assert held.occupant.tenancies.get().reference == NEVER["tenancy"]


@pytest.mark.parametrize("scene", Provider.Kind.values, indirect=True)
def test_every_kind_of_company_is_on_the_register_under_its_own(scene: Scene):
    """A company of the group is given a job, registered and stopped at a border like any other."""
    link = scene.dispatch()
    assert scene.client.get(link).status_code == 200
    lines = Disclosure.objects.all()
    assert {(line.recipient_kind, line.recipient_name, line.country) for line in lines} == {
        (scene.provider.kind, scene.provider.name, "FR")
    }
    labels = sorted(str(FIELDS[name]) for name in ("reference", "address", "place", "access_codes", "problem", "due"))
    assert {tuple(line.fields) for line in lines} == {tuple(labels)}
    Provider.objects.update(country="US")
    assert scene.client.get(link).status_code == 404


def test_emergency_is_told_to_the_service_by_name(scene: Scene):
    alert = emergencies.tell(
        service=EmergencyAlert.Service.SAMU,
        danger=EmergencyAlert.Danger.LIFE,
        by=UserFactory(),
        now=scene.now,
        intervention=scene.intervention,
    )
    assert {line.recipient_name for line in disclosure.of_source(alert)} == {"SAMU (15)"}
