"""
A call's recording: with the caller's consent or not at all, encrypted, heard only for a stated reason, gone in time.
"""

import hashlib
import io
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import date, datetime, timedelta
from itertools import chain
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, TextChoices
from django.utils.dateparse import parse_datetime

from accounts.models import Person, User
from callcenter.models import Call, Recording, RecordingKey
from privacy import journal
from privacy.encrypted_files import (
    CHUNK,
    BinaryFile,
    ClearFile,
    Damaged,
    Reader,
    Unreadable,
    decrypted,
    encrypted,
    new_key,
)
from privacy.encryption import cipher
from privacy.models import RequestCopy, RightsRequest
from privacy.policy import ROWS_BY_KEY, Period
from privacy.registry import Rule, registry
from privacy.restriction import is_restricted
from privacy.retention import files
from privacy.retention.deletion import paths
from privacy.retention.due import due_on, paris_day
from privacy.retention.purge import deletable
from privacy.rights import copies
from privacy.rights.gather import Whole

logger = logging.getLogger(__name__)

PURPOSE = "recording"
LISTENING_RIGHT = timedelta(minutes=30)
HEAD = 64  # bytes that tell what a file is
OGG_SOUNDS = (b"OpusHead", b"\x01vorbis", b"Speex   ", b"\x7fFLAC")


class Refused(Exception):
    """The recording is not taken in, and nothing of it is kept. The message says why, in French."""


class CallNotOver(Refused):
    """It may be taken in later."""


class Reason(TextChoices):
    """Why somebody listens. No free text: the journal keeps it longer than the recording lives."""

    QUALITY = "quality", "Vérifier la qualité du service"
    DISPUTE = "dispute", "Instruire une réclamation ou un litige"
    RIGHTS_REQUEST = "rights_request", "Répondre à une demande de droits"


# Taking in ------------------------------------------------------------------------------------------------------------


def store(call: Call, *, stream: BinaryFile, now: datetime) -> Recording:
    """
    Keep the call's audio, encrypted under a key of its own. Raises Refused, CallNotOver; then nothing is kept.

    The file is written first, under a key that is nowhere else yet: what a killed process leaves cannot be heard.
    """
    refuse_unless_allowed(call, now=now)
    size = measured(stream)
    content_type = recognized(stream.read(HEAD))
    stream.seek(0)
    key, digest, path = new_key(), hashlib.sha256(), f"recordings/{uuid4().hex}"
    pieces = encrypted(chunks_of(stream, size=size, seen=digest.update), size=size, key=key)
    with ExitStack() as undo:
        undo.callback(default_storage.delete, path)
        default_storage.save(path, File(io.BufferedReader(Reader(pieces), CHUNK)))
        with transaction.atomic():
            current = Call.objects.select_for_update(of=("self",)).filter(pk=call.pk).first()
            if current is None:
                raise Refused("L’appel n’existe plus.")
            refuse_unless_allowed(current, now=now)
            recording = Recording.objects.create(
                call=current,
                file=path,
                ended_at=ended_at(current),
                stored_at=now,
                content_type=content_type,
                size=size,
                sha256=digest.hexdigest(),
                pauses=gaps(current),
            )
            RecordingKey.objects.create(recording=recording, wrapped=cipher().encrypt(key))
        undo.pop_all()
    return recording


def refuse_unless_allowed(call: Call, *, now: datetime) -> None:
    if call.recording_answer != Call.RecordingAnswer.ACCEPTED:
        raise Refused("L’accord de l’appelant manque.")
    if is_restricted(call.caller_id, call.on_behalf_of_id):
        raise Refused("Les données d’une personne de cet appel sont sous limitation.")
    if call.outcome == Call.Outcome.EMERGENCY_SERVICES:
        raise Refused("Un appel passé aux secours n’est jamais enregistré.")
    if call.ended_at is None:
        raise CallNotOver("L’appel n’est pas terminé.")
    if goes_on(call) <= paris_day(now):
        raise Refused("Le délai de conservation est passé.")
    if Recording.objects.filter(call=call).exists():
        raise Refused("Cet appel a déjà un enregistrement.")


def ended_at(call: Call) -> datetime:
    assert call.ended_at is not None, "a call that goes on is refused"
    return call.ended_at


def goes_on(call: Call) -> date:
    """The day on which a recording of the call is due: the policy's period, or the landlord's shorter one."""
    months = ROWS_BY_KEY["recordings"].period.months
    if call.landlord is not None and call.landlord.recording_months is not None:
        months = min(months, call.landlord.recording_months)
    return due_on(ended_at(call), Period(months=months))


def measured(stream: BinaryFile) -> int:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    if size == 0:
        raise Refused("Le fichier est vide.")
    if size > settings.RECORDING_MAX_BYTES:
        raise Refused(f"Le fichier dépasse {settings.RECORDING_MAX_BYTES // 1024**2}\N{NO-BREAK SPACE}Mo.")
    return size


def recognized(head: bytes) -> Recording.Format:
    """What the content says it is, whatever the file's name."""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return Recording.Format.WAV
    if head[:4] == b"OggS" and head[28:].startswith(OGG_SOUNDS):
        return Recording.Format.OGG
    if head[:3] == b"ID3" or is_mp3_frame(head):
        return Recording.Format.MP3
    raise Refused("Ce n’est pas un son WAV, MP3 ou Ogg.")


def is_mp3_frame(head: bytes) -> bool:
    """Eleven set bits, then a version, the layer III, a bit rate and a sampling rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    version, layer, bit_rate, sampling = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    return version != 1 and layer == 1 and bit_rate not in (0, 15) and sampling != 3


def chunks_of(stream: BinaryFile, *, size: int, seen: Callable[[bytes], object]) -> Iterator[bytes]:
    for begins in range(0, size, CHUNK):
        chunk = stream.read(min(CHUNK, size - begins))
        if len(chunk) < min(CHUNK, size - begins):
            raise Refused("Le fichier a changé pendant sa lecture.")
        seen(chunk)
        yield chunk


def gaps(call: Call) -> list[list[float]]:
    """The pauses, in seconds of the conversation. One that was never ended lasts to the end of the call."""
    began, ended = call.answered_at or call.started_at, ended_at(call)
    found = []
    for since, until in call.recording_pauses:
        moments = parse_datetime(since), parse_datetime(until) if until else ended
        found.append([(moment - began).total_seconds() for moment in moments if moment is not None])
    return found


# Listening ------------------------------------------------------------------------------------------------------------


def open_for_listening(recording: Recording, *, by: User, reason: Reason, case: int, now: datetime) -> datetime:
    """Tell the journal who listens and why, with the number of the case. Returns until when they may."""
    journal.record(recording, action="listen", by=by, now=now, reason=reason.value, case=case)
    return now + LISTENING_RIGHT


def sound(recording: Recording, *, start: int, stop: int) -> Iterator[bytes]:
    """The clear bytes from `start` up to `stop`. Raises Unreadable, before the first of them or where it is damaged."""
    pieces = clear_pieces(recording, start=start, stop=stop)
    return chain([next(pieces)], pieces)


def clear_sound(recording: Recording) -> ClearFile:
    """The whole of it, for who has a right to a copy."""
    return ClearFile(recording.content_type, clear_pieces(recording, start=0, stop=recording.size))


def clear_pieces(recording: Recording, *, start: int, stop: int) -> Iterator[bytes]:
    try:
        key = cipher().decrypt(bytes(recording.key.wrapped))
        with recording.file.open("rb") as file:
            yield from decrypted(file, size=recording.size, key=key, start=start, stop=stop)
    except (RecordingKey.DoesNotExist, InvalidToken, FileNotFoundError, Damaged) as error:
        raise Unreadable(f"{recording}: {type(error).__name__}") from error


# Taking back ----------------------------------------------------------------------------------------------------------


def delete_of(call: Call, *, by: User | None, now: datetime) -> None:
    """Somebody in it objects to this one recording, or takes their consent to it back."""
    recorded = Recording.objects.filter(call=call).values("pk")
    copies.discard(RequestCopy.objects.filter(source_model=Recording._meta.label, source_id__in=recorded), now=now)
    take_back(Q(pk=call.pk), by=by, now=now)


def delete_all_of(person: Person, *, by: User | None, now: datetime) -> None:
    """The person withdraws their consent to being recorded: this goes for all they were heard in, or spoken of in."""
    copies.discard(RequestCopy.objects.filter(request__person=person, purpose=PURPOSE), now=now)
    take_back(Q(caller=person) | Q(on_behalf_of=person), by=by, now=now)


@transaction.atomic
def take_back(concerned: Q, *, by: User | None, now: datetime) -> None:
    """Also for what the telephone system has yet to drop: without the call's consent it is refused."""
    accepted = Call.objects.filter(concerned, recording_answer=Call.RecordingAnswer.ACCEPTED)
    calls = list(accepted.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    refused = {"recording_answer": Call.RecordingAnswer.REFUSED, "recording_answered_at": now}
    Call.objects.filter(pk__any=calls).update(**refused)
    delete_without_consent(calls, by=by, now=now)


@transaction.atomic
def delete_without_consent(calls: Iterable[int], *, by: User | None, now: datetime) -> None:
    """
    Row, key and file of what was recorded of these calls and has no consent, or no more.

    What a hold or a restriction keeps stays until that ends; nobody can listen to it, and the purge then takes it.
    """
    doomed = deletable(without_consent(), registry=registry, now=now).filter(call__any=calls)
    recordings = Recording.objects.filter(pk__any=list(doomed.values_list("pk", flat=True)))
    for recording in recordings:
        journal.record(recording, action="delete", by=by, now=now)
    files.queue(paths(recordings, ("file",)), now=now)
    recordings.delete()
    transaction.on_commit(files.remove_queued)


def without_consent() -> Rule:
    return next(rule for rule in registry.rules() if rule.key == "recordings:without_consent")


# Copying for who asks -------------------------------------------------------------------------------------------------


def copy_into_request(request: RightsRequest, *, now: datetime) -> None:
    """
    Who asks for their data gets the recordings of their voice, even those that are due before the answer. They live no
    longer than a request may take, so all of them are copied, once each, over all of the person’s records.
    """
    if request.right not in (RightsRequest.Right.ACCESS, RightsRequest.Right.PORTABILITY):
        return
    copied = request.copies.filter(source_model=Recording._meta.label).values("source_id")
    people = [request.person_id, *Whole.of(request).also]
    theirs = Recording.objects.unexpired(now=now).filter(call__caller__in=people).exclude(pk__in=copied)
    for recording in theirs.select_related("key").order_by("pk"):
        try:
            copies.copy_into(
                request,
                recording,
                clear=clear_sound(recording),
                what="Enregistrement d’un appel",
                purpose=PURPOSE,
                of_at=recording.ended_at,
                now=now,
            )
        except Unreadable as error:
            logger.error("recording not copied", extra={"recording": recording.pk, "error": str(error)})
