"""
A town of invented people, with a word of their own in every declared field and file, as the registry has them: in rows
of their own, and in rows that they share with the neighbour who called and reported for them.

A word tells whose it is: ``zq017x00042`` is person 17's. A field that is declared later on gets its word by itself, or
`plant` fails and names it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from django.db.models import Model

from accounts.models import Person, PersonMerge, User
from accounts.roles import Role
from callcenter.models import Call, LogEntry, NightReport, RecordingKey
from interventions.models import (
    Appointment,
    DeletionAttestation,
    DutyDecision,
    Dwelling,
    EmergencyAlert,
    Estimate,
    FinancialYear,
    Hotel,
    Intervention,
    Invoice,
    InvoiceDraft,
    InvoiceLine,
    Landlord,
    PersonalLink,
    Photo,
    Provider,
    Relocation,
    ReportDraft,
    Residence,
    SafetyAlert,
    SurveyAnswer,
    Webhook,
    WebhookDelivery,
)
from interventions.models.invoices import Series
from privacy.declarations import Dataset
from privacy.encrypted_files import encrypted, new_key
from privacy.encryption import cipher
from privacy.models import (
    ConsentEvent,
    ConsentWording,
    Disclosure,
    Erasure,
    ExportPackage,
    MatchedRecord,
    Objection,
    OutgoingMessage,
    Restriction,
    RightsRequest,
)
from privacy.registry import registry
from tests.factories import (
    NOW,
    TODAY,
    DwellingFactory,
    LandlordFactory,
    ProviderFactory,
    ResidenceFactory,
    UserFactory,
)

LATER = NOW + timedelta(days=1)
# A row of one person's, and one that a neighbour is in too, where there can be; a note of a shared intervention, where
# `SHARED` is one of a shared call; a second record of the same person, merged into the first.
ALONE, SHARED, NOTED, MERGED = CASES = ("alone", "shared", "noted", "merged")

# Words ----------------------------------------------------------------------------------------------------------------

# What our code fills from lists of its own and looks up again, or from what we know of a company: nobody's words.
CODES = {
    "accounts.PersonMerge": "moved completed",
    "callcenter.Call": "recording_pauses",
    "callcenter.Recording": "pauses",
    "interventions.Intervention": "answers",
    "interventions.ReportDraft": "answers done",
    "privacy.ConsentEvent": "purpose source_model",
    "privacy.Disclosure": "fields purpose recipient_kind recipient_model recipient_name source_model",
    "privacy.Erasure": "texts counts",
    "privacy.Objection": "purpose",
    "privacy.RecipientNotice": "recipient_kind recipient_name recipient_model pieces",
    "privacy.RectificationItem": "field ground model",
    "privacy.RequestStep": "details",
    "privacy.RightsRequest": "purpose ground restriction_reason scope",
}
NO_ROOM = (
    models.BinaryField,
    models.BooleanField,
    models.DateField,
    models.DecimalField,
    models.ForeignKey,
    models.GeneratedField,
    models.IntegerField,
)
MARKS = (
    re.compile(r"zq(\d{3})x\d{5}"),
    re.compile(r"(?:\+337|\b07)(\d{3})\d{5}\b"),
    re.compile(r"2001:db8:9(\d{3})::"),
)
NOBODY = 999
SPACES = str.maketrans("", "", "\N{NO-BREAK SPACE}")


def people_in(text: str) -> set[int]:
    """The numbers of those whose words are in it, also where telephone numbers are written for readers."""
    said = text.lower().translate(SPACES)
    return {int(number) for mark in MARKS for number in mark.findall(said)} - {NOBODY}


def has_room(dataset: Dataset, found: "models.Field[Any, Any]") -> bool:
    if found.choices or isinstance(found, NO_ROOM) or found.name in CODES.get(dataset.name, "").split():
        return False
    if isinstance(found, ArrayField):
        return isinstance(found.base_field, models.CharField) and not found.base_field.choices
    return found.max_length is None or found.max_length > 2  # countries and languages


def fitting(found: "models.Field[Any, Any]", number: int, serial: int) -> Any:
    said = f"zq{number:03}x{serial:05}"
    match found:
        case models.GenericIPAddressField():
            return f"2001:db8:9{number:03}::{serial:x}"
        case models.EmailField():
            return f"{said}@exemple.example"
        case models.JSONField():
            return {said: said}
        case ArrayField():
            return [said]
        case models.CharField() if found.max_length == 16:
            return f"+337{number:03}{serial:05}"
        case models.CharField() | models.TextField() | models.FileField():
            return said
    raise NotImplementedError(f"no word fits into {found.model._meta.label}.{found.name}: {type(found).__name__}")


# Rows -----------------------------------------------------------------------------------------------------------------

# Who is in a row, where it is not simply the person: 0 is the person, 1 the neighbour.
PEOPLE = {
    (Call, ALONE): {"caller": 0},
    (Call, SHARED): {"caller": 1, "on_behalf_of": 0},
    (Intervention, ALONE): {"occupant": 0},
    (Intervention, SHARED): {"occupant": 0, "reported_by": 1},
}
SECOND_RECORDS = {PersonMerge: "absorbed", MatchedRecord: "person"}
# Foreign keys that may be empty, and are filled here.
LINKS: dict[Any, str] = {
    Call: "intervention",
    DeletionAttestation: "provider",
    DutyDecision: "noted_by",
    (EmergencyAlert, ALONE): "person",
    (EmergencyAlert, SHARED): "intervention",
    Erasure: "request",
    Estimate: "person",
    Intervention: "dwelling",
    Invoice: "person",
    InvoiceDraft: "person",
    (LogEntry, ALONE): "call",
    (LogEntry, SHARED): "call",
    (LogEntry, NOTED): "intervention",
    OutgoingMessage: "person",
    (Photo, ALONE): "draft",
    (Photo, SHARED): "intervention",
    Relocation: "approved_by",
    Restriction: "request",
    RightsRequest: "person",
    SafetyAlert: "person",
    User: "person",
    WebhookDelivery: "intervention",
}
# Fields that stay empty then, as a constraint has it.
WITHOUT: dict[Any, str] = {(EmergencyAlert, SHARED): "number"}
# What constraints and clocks ask for, where nothing or the first choice would not do.
VALUES: dict[type[Model], dict[str, Any]] = {
    Appointment: {"ends_at": LATER},
    Call: {
        "ended_at": NOW,
        "outcome": Call.Outcome.INFORMATION,
        "relation": "neighbour",
        "notice_at": NOW,
        "recording_answer": Call.RecordingAnswer.ACCEPTED,
        "recording_answered_at": NOW,
    },
    DutyDecision: {"answer": "approved", "decided_at": NOW},
    ConsentEvent: {"purpose": "surveys"},
    Disclosure: {
        "recipient_kind": "trades",
        "recipient_name": "Plombier",
        "fields": ["adresse"],
        "purpose": "providers",
    },
    ExportPackage: {"reviewed_at": NOW, "built_at": NOW},
    Intervention: {"status": "closed", "closed_at": NOW},
    # A credit note, for it has the words that an invoice has and those of its own.
    Invoice: {"series": Series.CREDIT_NOTE, "reason": "error", "net_total": 1, "vat_total": 0, "seller": {}},
    InvoiceLine: {"vat_percent": 0},
    LogEntry: {"kind": LogEntry.Kind.NOTE},
    Objection: {"purpose": "polls"},
    OutgoingMessage: {"content": "", "language": "fr"},
    PersonalLink: {"purpose": "report", "expires_at": LATER},
    ReportDraft: {"expires_at": LATER},
    Relocation: {"until_on": LATER.date(), "guests": 2, "approved_at": NOW},
    Restriction: {"told_at": NOW, "lifted_at": NOW},
    RightsRequest: {"outcome": "granted", "decided_at": NOW, "executed_at": NOW, "answered_at": NOW},
    SafetyAlert: {"expires_on": LATER.date()},
    SurveyAnswer: {"score": 3},
    User: {"role": Role.TENANT},
}


@dataclass
class Planted:
    """A row, who is in it by role, and the words in it: field → whose → which."""

    row: Any
    dataset: Dataset
    people: dict[str, int]
    words: dict[str, dict[int, str]] = field(default_factory=dict)
    inside: dict[int, str] = field(default_factory=dict)  # the words in its file, sealed


@dataclass
class Town:
    size: int
    rows: dict[tuple[type[Model], str], dict[int, Planted]] = field(default_factory=dict)
    serials: "count[int]" = field(default_factory=lambda: count(1))
    keys: dict[str, bytes] = field(default_factory=dict)  # of files, by their path

    def all_rows(self) -> Iterator[Planted]:
        for rows in self.rows.values():
            yield from rows.values()

    def about(self, number: int) -> Iterator[Planted]:
        return (planted for planted in self.all_rows() if number in planted.people.values())

    def person(self, number: int, case: str = ALONE) -> Any:
        return self.rows[Person, case][number % self.size].row

    def parent(self, model: type[Model], case: str, number: int) -> Any:
        rows = self.rows.get((model, SHARED if case == NOTED else case)) or self.rows[model, ALONE]
        return rows[number].row

    def has(self, dataset: Dataset, case: str) -> bool:
        if case == ALONE:
            return True
        if case == MERGED:
            return dataset.model is Person
        if case == NOTED:
            return (dataset.model, case) in LINKS
        return (dataset.model, case) in PEOPLE or any(
            (key.related_model, case) in self.rows for key in needed(dataset, case)
        )


def keys_of(dataset: Dataset) -> list["models.ForeignKey[Any, Any]"]:
    return [found for found in dataset.model._meta.concrete_fields if isinstance(found, models.ForeignKey)]


def needed(dataset: Dataset, case: str) -> list["models.ForeignKey[Any, Any]"]:
    filled = LINKS.get((dataset.model, case)) or LINKS.get(dataset.model)
    return [key for key in keys_of(dataset) if not key.null or key.name == filled]


def about_people() -> list[Dataset]:
    """What a row hangs from comes before it."""
    waiting = {
        dataset.model: dataset
        for dataset in registry.datasets.values()
        if dataset.subjects and dataset.model._meta.app_label != "sample"
    }
    ordered = [waiting.pop(Person)]
    while waiting:
        ready = [dataset for dataset in waiting.values() if waiting.keys().isdisjoint(targets(dataset))]
        assert ready, f"each of these hangs from another: {list(waiting)}"
        ordered += ready
        for dataset in ready:
            del waiting[dataset.model]
    return ordered


def targets(dataset: Dataset) -> set[Any]:
    return {key.related_model for case in CASES for key in needed(dataset, case)} - {dataset.model}


@transaction.atomic  # an invoice comes with its lines
def plant(size: int) -> Town:
    town, setting = Town(size), set_up()
    for dataset in about_people():
        for case in CASES:
            if town.has(dataset, case):
                rows = [planted(town, setting, dataset, case, number) for number in range(size)]
                dataset.model._base_manager.bulk_create([each.row for each in rows])
                town.rows[dataset.model, case] = dict(enumerate(rows))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # nobody else sees these rows before the transaction ends, autovacuum neither
    return town


def set_up() -> dict[Any, Model]:
    """What is nobody's in particular."""
    residence = ResidenceFactory(landlord=LandlordFactory())
    year = FinancialYear.objects.create(starts_on=TODAY.replace(month=1, day=1), closes_on=TODAY.replace(month=12))
    wording = ConsentWording.objects.create(purpose="surveys", version="1", text="D’accord ?", sha256="0")
    agent = UserFactory()
    hook = Webhook.objects.create(
        landlord=residence.landlord, url="https://bailleur.example/", secret="s", created_at=NOW, created_by=agent
    )
    return {
        User: agent,
        Webhook: hook,
        Hotel: Hotel.objects.create(name="Hôtel", address="1 rue de la Gare", number="+33327000000"),
        NightReport: NightReport.objects.create(
            landlord=residence.landlord, from_at=NOW - timedelta(days=1), until_at=NOW, made_at=NOW
        ),
        Landlord: residence.landlord,
        Residence: residence,
        Dwelling: DwellingFactory(residence=residence),
        Provider: ProviderFactory(),
        FinancialYear: year,
        ConsentWording: wording,
    }


def planted(town: Town, setting: dict[Any, Model], dataset: Dataset, case: str, number: int) -> Planted:
    model = dataset.model
    values = VALUES.get(model, {})
    row: Any = model(**values)
    if model is Invoice:
        row.sequence = number + 1
    for name, offset in PEOPLE.get((model, case), {}).items():
        setattr(row, name, town.person(number + offset))
    for key in needed(dataset, case):
        if key.related_model is Person:
            setattr(row, key.name, town.person(number, MERGED if SECOND_RECORDS.get(model) == key.name else ALONE))
        elif key.name in own_links(dataset):
            setattr(row, key.name, town.parent(key.related_model, case, number))
        else:
            setattr(row, key.name, setting[key.related_model])
    if case == MERGED:
        row.merged_into = town.person(number)
    for found in model._meta.concrete_fields:
        optional = found.blank or (found.has_default() and not isinstance(found, models.DateField))
        if found.name not in {*values, "sequence"} and not found.null and not optional:
            fill(row, found)
    if model is RecordingKey:
        row.wrapped = town.keys[str(row.recording.file)]
    people = {role: number if path == "self" else whose(row, path) for role, path in dataset.subjects.items()}
    done = Planted(row, dataset, {role: who for role, who in people.items() if who is not None})
    for name in dataset.personal_fields:
        declared = model._meta.get_field(name)
        assert isinstance(declared, models.Field)
        if name not in WITHOUT.get((model, case), ""):
            put_words(town, done, declared)
    return done


def own_links(dataset: Dataset) -> set[str]:
    return {*dataset.follows, *dataset.detaches, *(path.split("__")[0] for path in dataset.subjects.values())}


def fill(row: Any, found: "models.Field[Any, Any]") -> None:
    """What may not stay empty, and has no room for a word."""
    match found:
        case models.ForeignKey() | models.GeneratedField() | models.AutoField():
            return
        case _ if found.choices:
            value = next(code for code, _ in found.flatchoices if code)
        case models.DateTimeField():
            value = NOW
        case models.DateField():
            value = TODAY
        case models.IntegerField() | models.DecimalField():
            value = 1
        case models.BooleanField():
            value = True
        case models.BinaryField():
            value = b"sealed"
        case models.JSONField():
            value = {}
        case models.CharField():
            value = found.name
        case _:
            return
    setattr(row, found.name, value)


def whose(row: Any, path: str) -> int | None:
    for step in path.split("__"):
        row = getattr(row, step)
        if row is None:
            return None
    (number,) = people_in(row.family_name)
    return number


def put_words(town: Town, planted: Planted, found: "models.Field[Any, Any]") -> None:
    if not has_room(planted.dataset, found):
        return
    whose = owners(planted, found.name) or {NOBODY}
    words = {number: fitting(found, number, next(town.serials)) for number in whose}
    planted.words[found.name] = {number: said_in(value) for number, value in words.items()}
    if len(words) > 1:
        setattr(planted.row, found.name, " et ".join(words.values()))
        return
    ((number, value),) = words.items()
    setattr(planted.row, found.name, value)
    if isinstance(found, models.FileField):
        seal(town, planted, found.name, number)


def owners(planted: Planted, name: str) -> set[int]:
    """
    Whose words may be in the field. What is neither declared somebody's own nor free text is nobody's in a row of two:
    neither of them is told of it.
    """
    everybody = set(planted.people.values())
    own = {number for role, number in planted.people.items() if planted.dataset.is_own(name, [role])}
    if len(everybody) == 1 or (not own and planted.dataset.is_free_text(name)):
        return everybody
    return own


def said_in(value: Any) -> str:
    return value if isinstance(value, str) else next(iter(value))


def seal(town: Town, planted: Planted, name: str, number: int) -> None:
    """A file with a word inside, encrypted as all of ours are."""
    row = planted.row
    planted.inside[number] = said = fitting(models.CharField(), number, next(town.serials))
    clear, key = said.encode(), new_key()
    path = f"sealed/{getattr(row, name)}"
    setattr(row, name, path)
    default_storage.save(path, ContentFile(b"".join(encrypted([clear], size=len(clear), key=key))))
    row.size = len(clear)
    row.wrapped_key = town.keys[path] = cipher().encrypt(key)
    if isinstance(row, Photo):
        row.thumbnail_size = 0
