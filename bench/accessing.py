"""Both contenders of `bench.access`, in a process and a database of their own: ``python -m bench.accessing ROWS``."""

import json
import logging
import os
import sys
import zipfile
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

EACH = 20  # rows of a table that one person has
SOUND = 2_880_000  # bytes: three minutes of WAV as telephones speak, 8 kHz of 16 bits
THE_PERSON = 7

# Table → what tells one row from the next, by the row's number `n`; the rest is copied from a first row.
PERSON = f"1 + (n - 1) / {EACH}"
TABLES = {
    "interventions_intervention": {"occupant_id": PERSON},
    "interventions_transition": {"intervention_id": "n"},
    "interventions_appointment": {"intervention_id": "n"},
    "interventions_tenantmessage": {"intervention_id": "n", "person_id": PERSON},
    "interventions_surveyanswer": {"intervention_id": "n", "person_id": PERSON},
    "interventions_complaint": {"person_id": PERSON},
    "interventions_complaintmessage": {"complaint_id": "n"},
    "callcenter_call": {"caller_id": PERSON},
    "callcenter_logentry": {"call_id": "n"},
    "callcenter_recording": {"call_id": "n", "file": "'recordings/' || n"},
    "privacy_consentevent": {"person_id": PERSON},
    "privacy_outgoingmessage": {"person_id": PERSON, "reference": "n::text"},
}

# What somebody would write who knows this schema.
BY_HAND = """
    SELECT json_build_object(
        'person', (SELECT json_agg(t) FROM accounts_person t WHERE id = %(person)s),
        'interventions', (SELECT json_agg(t) FROM interventions_intervention t WHERE occupant_id = %(person)s),
        'transitions', (SELECT json_agg(t) FROM interventions_transition t
            JOIN interventions_intervention i ON i.id = t.intervention_id WHERE i.occupant_id = %(person)s),
        'appointments', (SELECT json_agg(t) FROM interventions_appointment t
            JOIN interventions_intervention i ON i.id = t.intervention_id WHERE i.occupant_id = %(person)s),
        'messages', (SELECT json_agg(t) FROM interventions_tenantmessage t WHERE person_id = %(person)s),
        'surveys', (SELECT json_agg(t) FROM interventions_surveyanswer t WHERE person_id = %(person)s),
        'complaints', (SELECT json_agg(t) FROM interventions_complaint t WHERE person_id = %(person)s),
        'complaint_messages', (SELECT json_agg(t) FROM interventions_complaintmessage t
            JOIN interventions_complaint c ON c.id = t.complaint_id WHERE c.person_id = %(person)s),
        'calls', (SELECT json_agg(t) FROM callcenter_call t WHERE caller_id = %(person)s),
        'log', (SELECT json_agg(t) FROM callcenter_logentry t
            JOIN callcenter_call c ON c.id = t.call_id WHERE c.caller_id = %(person)s),
        'recordings', (SELECT json_agg(t) FROM callcenter_recording t
            JOIN callcenter_call c ON c.id = t.call_id WHERE c.caller_id = %(person)s),
        'consents', (SELECT json_agg(t) FROM privacy_consentevent t WHERE person_id = %(person)s),
        'sent', (SELECT json_agg(t) FROM privacy_outgoingmessage t WHERE person_id = %(person)s))::text
"""


def first_rows() -> None:
    """One of each, which all the others are copies of."""
    from django.utils import timezone

    from accounts.models import Person, User
    from callcenter.models import Call, LogEntry, Recording
    from interventions.models import (
        Appointment,
        Complaint,
        ComplaintMessage,
        Intervention,
        Landlord,
        Residence,
        Status,
        SurveyAnswer,
        TenantMessage,
        Transition,
    )
    from privacy import consent
    from privacy.models import OutgoingMessage

    now = timezone.now() - timedelta(days=20)
    words = "Le locataire demande où en est son dossier, il rappellera demain."
    agent = User.objects.create(email="agent@bench.example", full_name="Agent", role="agent")
    landlord = Landlord.objects.create(name="Bailleur", code="bench", contract_from_on=now.date())
    residence = Residence.objects.create(
        landlord=landlord, reference="R", name="Les Tilleuls", street="1 rue", postcode="59400", city="Cambrai"
    )
    person = Person.objects.create(family_name="Personne", given_name="Camille")
    intervention = Intervention.objects.create(
        landlord=landlord,
        residence=residence,
        occupant=person,
        problem_code="leak_pipe",
        description=words,
        suggested_priority="normal",
        priority="normal",
        suggested_on_site_by=now,
        on_site_by=now,
        status=Status.CLOSED,
        opened_at=now,
        last_event_at=now,
        closed_at=now,
    )
    Transition.objects.create(intervention=intervention, to_status=Status.CLOSED, at=now, by=agent, reason=words)
    Appointment.objects.create(
        intervention=intervention, starts_at=now, ends_at=now + timedelta(hours=1), made_at=now, made_by=agent
    )
    TenantMessage.objects.create(intervention=intervention, person=person, at=now, text=words)
    SurveyAnswer.objects.create(
        intervention=intervention, person=person, answered_at=now, score=3, solved=True, comment=words
    )
    complaint = Complaint.objects.create(
        person=person, landlord=landlord, subject=words, opened_at=now, last_exchange_at=now
    )
    ComplaintMessage.objects.create(complaint=complaint, at=now, text=words)
    call = Call.objects.create(
        from_number="+33612345678",
        caller=person,
        agent=agent,
        started_at=now,
        answered_at=now,
        ended_at=now + timedelta(minutes=3),
        outcome=Call.Outcome.INFORMATION,
        recording_answer="accepted",
        recording_answered_at=now,
    )
    LogEntry.objects.create(call=call, at=now, author=agent, text=words)
    Recording.objects.create(
        call=call,
        file="recordings/1",
        ended_at=now,
        stored_at=now,
        content_type=Recording.Format.WAV,
        size=SOUND,
        sha256="0" * 64,
    )
    consent.give(person, purpose="recording", channel="phone", by=agent, now=now)
    OutgoingMessage.objects.create(
        person=person, channel="sms", kind="appointment", content="{}", queued_at=now, next_try_at=now
    )


def fill(rows: int) -> None:
    """The first time only."""
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.db.models import GeneratedField

    call_command("migrate", verbosity=0)
    if apps.get_model("callcenter.Call").objects.exists():
        return
    print(f"Base d’essai de 12 tables de {rows} lignes : la première fois, il faut la remplir.", file=sys.stderr)
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    people: dict[str, dict[str, str]] = {"accounts_person": {}}
    with transaction.atomic(), connection.cursor() as cursor:
        first_rows()
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, own in (people | TABLES).items():
            columns = [
                str(found.column)
                for found in models[table]._meta.concrete_fields
                if not isinstance(found, GeneratedField)
            ]
            values = [own.get(column, "n" if column == "id" else f'first."{column}"') for column in columns]
            quoted = ", ".join(f'"{column}"' for column in columns)
            until = rows // EACH if table in people else rows
            cursor.execute(
                f"INSERT INTO {table} ({quoted}) SELECT {', '.join(values)} "
                f"FROM (SELECT * FROM {table} LIMIT 1) AS first, generate_series(2, {until}) AS n"
            )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def give_sounds() -> None:
    """The person's recordings are really there, encrypted."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage

    from callcenter.models import Recording, RecordingKey
    from privacy.encrypted_files import CHUNK, encrypted, new_key
    from privacy.encryption import cipher

    sound = os.urandom(SOUND)
    for recording in Recording.objects.filter(call__caller=THE_PERSON):
        key = new_key()
        pieces = (sound[begins : begins + CHUNK] for begins in range(0, SOUND, CHUNK))
        default_storage.save(recording.file.name, ContentFile(b"".join(encrypted(pieces, size=SOUND, key=key))))
        RecordingKey.objects.update_or_create(recording=recording, defaults={"wrapped": cipher().encrypt(key)})


def by_hand(folder: Path) -> int:
    """One query, and a stored ZIP with the sounds, on the disk for good."""
    from django.db import connection

    from callcenter.models import Recording
    from callcenter.recordings import sound

    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, {"person": THE_PERSON})
        (text,) = cursor.fetchone()
    path = folder / "by-hand.zip"
    with path.open("wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("donnees.json", text)
            for recording in Recording.objects.filter(call__caller=THE_PERSON).select_related("key"):
                with archive.open(f"{recording.pk}.wav", "w") as entry:
                    for piece in sound(recording, start=0, stop=recording.size):
                        entry.write(piece)
        file.flush()
        os.fsync(file.fileno())
    assert sum(map(len, filter(None, json.loads(text).values()))) == len(TABLES) * EACH + 1
    path.unlink()
    return len(text)


def prepared() -> Any:
    """A package whose texts have been read again: what is left is to build it."""
    from django.utils import timezone

    from accounts.models import Person
    from privacy.models import ExportPackage, RightsRequest
    from privacy.rights import packages

    now = timezone.now()
    RightsRequest.objects.all().delete()
    request = RightsRequest.objects.create(
        person=Person.objects.get(pk=THE_PERSON), right="access", received_on=now.date(), identity="signed_in"
    )
    package = ExportPackage.objects.create(request=request, started_at=now)
    packages.list_texts(package, now=now)
    package.texts.update(checked_at=now)
    ExportPackage.objects.filter(pk=package.pk).update(reviewed_at=now)
    return package.pk


def ours(pk: int) -> Any:
    from django.core.files.storage import default_storage
    from django.utils import timezone

    from privacy.models import ExportPackage
    from privacy.rights import packages

    ExportPackage.objects.filter(pk=pk).update(built_at=None, file="")
    packages.build(ExportPackage.objects.select_related("request__person").get(pk=pk), now=timezone.now())
    built = ExportPackage.objects.get(pk=pk)
    assert built.built_at
    assert not built.unreadable
    default_storage.delete(str(built.file))
    return built


def main(rows: str) -> None:
    django.setup()
    logging.disable(logging.INFO)
    from django.conf import settings

    fill(int(rows))
    from bench.measuring import beside

    with TemporaryDirectory(dir=settings.VAR_DIR) as folder:
        settings.MEDIA_ROOT = folder
        give_sounds()
        pk = prepared()
        built = ours(pk)
        milliseconds, reference = beside([None] * 5, lambda _: ours(pk), lambda _: by_hand(Path(folder)))
    print(
        json.dumps(
            {
                "ours": milliseconds,
                "by_hand": reference,
                "rows": built.total,
                "files": built.files,
                "megabytes": built.size / 1024**2,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
