"""
The sweep: 200 people with a word of their own in every declared field and file, callers and occupants of each other's.
A copy holds all of one's own words and nobody else's; after an erasure none is left anywhere, and all others are as
they were.
"""

import hashlib
import io
import json
import logging
import subprocess
import zipfile

import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from kombu import Connection

from accounts.models import User
from accounts.roles import Role
from interventions.models import InvoiceDocument
from privacy.encrypted_files import clear_pieces
from privacy.models import ExportPackage
from privacy.registry import registry
from privacy.rights import access, erasure, packages, workflow
from privacy.rights.erasure import Chosen
from privacy.subjects import is_for_machines
from privacy.tasks import deliver_message
from sofratel.embedded import postgres
from sofratel.templatetags.french import NBSP, phone
from tests.canaries import ALONE, has_room, people_in, plant
from tests.factories import NOW, TODAY, UserFactory
from tests.traces import cached, queued

TOWN = 200


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


def granted(person, right, *, by):
    request = workflow.receive(
        person, right=right, channel="letter", received_on=TODAY, identity="known", by=by, now=NOW
    )
    workflow.decide(request, outcome="granted", by=by, now=NOW)
    return request


# The words ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_word_is_in_every_declared_field_and_file():
    town = plant(3)
    for dataset in registry.datasets.values():
        if not dataset.subjects or dataset.model._meta.app_label == "sample":
            continue
        wanted = {name for name in dataset.personal_fields if has_room(dataset, dataset.model._meta.get_field(name))}
        for number in range(3):
            rows = [planted for planted in town.about(number) if planted.dataset is dataset]
            assert rows, f"{dataset.name}: no row"
            assert {name for planted in rows for name in planted.words if number in planted.words[name]} == wanted
            assert all(planted.inside for planted in rows if dataset.files), f"{dataset.name}: no file"
    roles = {dataset.name: set(dataset.subjects) for dataset in registry.datasets.values() if dataset.subjects}
    for planted in town.all_rows():
        roles[planted.dataset.name] -= planted.people.keys()
    assert set().union(*(left for name, left in roles.items() if not name.startswith("sample."))) == set()


def test_the_search_finds_words_wherever_they_could_be(media, caplog):
    media.mkdir()
    (media / "zq191x00001").write_bytes(b"zq192x00001")
    cache.set("zq193x00001", {"words": ["+33719400001"]}, timeout=60)
    deliver_message.apply_async(args=["zq195x00001"], queue="sweep")
    logging.getLogger("sofratel").error("2001:db8:9196::1")
    assert people_outside(media, logs=caplog.text) >= {191, 192, 193, 194, 195, 196}
    cache.delete("zq193x00001")
    with Connection(settings.CELERY_BROKER_URL) as broker:
        broker.default_channel.client.delete("sweep")
    assert not people_outside(logs="") & {193, 194, 195}


# Access ---------------------------------------------------------------------------------------------------------------


def copied(town, number, *, by):
    """What the person gets, by the name of the file: the DPO masks the words of others in what was said of several."""
    request = granted(town.person(number), "access", by=by)
    package = packages.prepare(request, by=by, now=NOW)
    packages.work_on(package.pk, now=NOW)
    for text, words in packages.with_words(list(package.texts.all())):
        others = [word for word in words.split(" et ") if people_in(word) != {number}]
        packages.check_text(text, words=words, passages=others, whole=False, now=NOW)
    package.refresh_from_db()
    packages.finish_review(package, by=by, now=NOW)
    packages.work_on(package.pk, now=NOW)
    package = ExportPackage.objects.get(request=request)
    assert package.built_at, package.failure
    assert not package.unreadable
    access.plan(request, now=NOW)
    clear = b"".join(clear_pieces(package.file, wrapped=package.wrapped_key, size=package.size))
    with zipfile.ZipFile(io.BytesIO(clear)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def words_to_tell(planted, number):
    technical = {name for data in planted.dataset.data if data.technical for name in data.fields}
    return [
        words[number]
        for name, words in planted.words.items()
        if number in words
        and name not in technical
        and not is_for_machines(planted.dataset.model._meta.get_field(name))
    ]


@pytest.mark.django_db
def test_a_copy_holds_all_of_ones_own_words_and_nobody_elses(dpo):
    town = plant(TOWN)
    for number in range(0, TOWN, 6):
        copy = copied(town, number, by=dpo)
        page, data = copy.pop("vos-donnees.html"), copy.pop("donnees.json")
        rows = {(each["model"], row["id"]) for each in json.loads(data)["datasets"] for row in each["rows"]}
        for planted in town.about(number):
            assert (planted.dataset.name, planted.row.pk) in rows
            for word in words_to_tell(planted, number):
                assert word in data, f"{planted.dataset.name}: {word}"
                assert phone(word).replace(NBSP, "") in page.replace(NBSP, ""), f"{planted.dataset.name}: {word}"
        files = [planted for planted in town.about(number) if planted.dataset.reads and number in planted.inside]
        assert sorted(copy.values()) == sorted(planted.inside[number] for planted in files)
        assert people_in("".join([page, data, *copy, *copy.values()])) == {number}


# Erasure --------------------------------------------------------------------------------------------------------------

LEAVING = {*range(10), *range(20, 120, 10)}  # neighbours of each other, and of some who stay
# What an erasure writes of its own.
BOOKS = {
    "privacy_erasure",
    "privacy_journalentry",
    "privacy_ledgermark",
    "privacy_letter",
    "privacy_outgoingmessage",
    "privacy_recipientnotice",
    "privacy_requeststep",
    "privacy_rightsrequest",
}
# Accounting, ten years (code de commerce L123-22): no link leads to the person any more.
KEPT_BY_LAW = (
    "interventions_invoice",
    "interventions_invoiceline",
    "interventions_invoicedocument",
    "interventions_payment",
    "interventions_onlinepayment",
)
# What is left without the person, by declaration, or until nothing refers to it; their words are gone from it as well.
STAYS_WITHOUT_THEM = {
    "accounts_user",
    *KEPT_BY_LAW,
    "privacy_erasure",
    "privacy_recipientnotice",
    "privacy_rectificationitem",
    "privacy_requeststep",
    "privacy_rightsrequest",
}
# What a row that others are in too loses with the person, by their role in it: their link and what is their own; and of
# the texts that name them, which the DPO chose, the line where it is nothing else, or the texts of the row.
WHOLE = {"*"}
LOSES = {
    "callcenter_call": {
        "appelant": {
            "caller_id",
            "from_number",
            "to_number",
            "relation",
            "notice_version",
            "notice_at",
            "recording_answer",
            "recording_answered_at",
        },
        "personne concernée": {"on_behalf_of_id", "relation"},
    },
    "callcenter_logentry": dict.fromkeys(["appelant", "personne concernée", "occupant", "signalant"], WHOLE),
    "callcenter_recording": {"appelant": WHOLE},
    "callcenter_recordingkey": {"appelant": WHOLE},
    "interventions_intervention": {
        "occupant": {"occupant_id", "dwelling_id", "contact_number", "description", "override_reason"},
        "signalant": {"reported_by_id", "description", "override_reason"},
    },
    "interventions_transition": {"occupant": WHOLE, "signalant": WHOLE},  # append-only: it cannot be emptied
    "interventions_photo": {"occupant": WHOLE},
    "interventions_relocation": {"occupant": WHOLE},  # their nights
    # A line whose words name somebody goes whole, with what hangs from it.
    "interventions_spendingapproval": {"occupant": WHOLE, "signalant": WHOLE},
    "interventions_dutydecision": {"occupant": WHOLE, "signalant": WHOLE},
    "interventions_dutycall": {"occupant": WHOLE, "signalant": WHOLE},
    "interventions_signature": {"occupant": {"name"}},
    "interventions_emergencyalert": {"occupant": {"note"}, "signalant": {"note"}},
}


def dumped():
    """The whole database, as a backup has it, but for what the law makes us keep."""
    its = connection.settings_dict
    address = ["--host", str(its["HOST"]), "--port", str(its["PORT"]), "--username", its["USER"], its["NAME"]]
    command = [postgres.program("pg_dump"), *(f"--exclude-table-data={table}" for table in KEPT_BY_LAW), *address]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def all_rows():
    found = {}
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute(f'SELECT "{key}"::text, to_jsonb(here)::text FROM "{table}" AS here')
            found |= {(table, pk): json.loads(row) for pk, row in cursor.fetchall()}
    return found


def files_in(*folders):
    return {
        path: hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file()
    }


def people_outside(*folders, logs, but=frozenset()):
    """In files and their names but for these, the broker, the caches and the logs."""
    names = [path for path in files_in(*folders) if path not in but]
    files = [part for path in names for part in (path.name, path.read_bytes().decode("latin-1"))]
    kept = [part for entry in [*queued(), *cached()] for part in entry]
    return people_in("\n".join([*files, *kept, logs]))


@pytest.mark.django_db(transaction=True)
def test_nothing_of_who_was_erased_is_left_anywhere_and_all_others_are_as_they_were(dpo, client, media, ledger, caplog):
    town = plant(TOWN)
    about = {(each.dataset.model._meta.db_table, str(each.row.pk)): each for each in town.all_rows()}
    for number in (0, 1, 30):
        client.force_login(User.objects.get(person=town.person(number)))
        assert client.get("/portail/").status_code == 200
    everybody = set(range(TOWN))
    assert people_in(dumped()) == everybody
    assert people_outside(media, ledger, logs="") >= everybody, "by the names of files"
    rows, files = all_rows(), files_in(media)
    caplog.set_level(logging.DEBUG)

    for number in sorted(LEAVING):
        request = granted(town.person(number), "erasure", by=dpo)
        texts = erasure.plan(request, now=NOW).texts
        naming = [text for text in texts if number in people_in(" ".join(text.words.values()))]
        erasure.execute(request, texts=[Chosen(text.dataset.name, text.pk) for text in naming], by=dpo, now=NOW)

    assert people_in(dumped()) == everybody - LEAVING
    invoices = {media / str(planted.row.file) for planted in town.rows[InvoiceDocument, ALONE].values()}
    assert not people_outside(media, ledger, logs=caplog.text, but=invoices) & LEAVING
    left = all_rows()
    assert {table for table, _ in left.keys() - rows.keys()} <= BOOKS
    for where, row in rows.items():
        planted = about.get(where)
        people = set(planted.people.values()) if planted else set()
        if not people & LEAVING:
            assert left[where] == row
        elif people <= LEAVING:
            assert where not in left or where[0] in STAYS_WITHOUT_THEM
        else:
            lost = LOSES.get(where[0], {})
            columns = set().union(*(lost.get(role, set()) for role, who in planted.people.items() if who in LEAVING))
            assert changed(row, left.get(where)) == columns, where
    sealed = {media / str(planted.row.file) for planted in town.all_rows() if LEAVING & planted.inside.keys()}
    theirs = sealed - invoices
    assert len(theirs) == 8 * len(LEAVING)
    assert files_in(media) == {path: said for path, said in files.items() if path not in theirs}


def changed(row, now):
    return WHOLE if now is None else {column for column in row if now[column] != row[column]}
