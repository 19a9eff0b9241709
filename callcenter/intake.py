"""What a telephone system drops into a folder: a file a call, named after the call's number there, or else ours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

from callcenter import recordings
from callcenter.models import Call
from privacy.retention.files import ORPHAN_AFTER

STILL_WRITTEN = timedelta(seconds=60)  # since the last byte came


class Fate(Enum):
    STORED = "enregistré"
    REFUSED = "refusé"
    LEFT = "laissé pour le prochain passage"


@dataclass(frozen=True)
class Intake:
    """What became of a file. It is told by the call's number: its own name may be somebody's."""

    fate: Fate
    call: Call | None = None
    why: str = ""


def take_in(folder: Path, *, now: datetime) -> Iterator[Intake]:
    """File after file, by name. What is stored or refused is removed from the folder."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_dir():
            yield take_in_file(path, now=now)


def take_in_file(path: Path, *, now: datetime) -> Intake:
    try:
        age = now - datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        if abs(age) < STILL_WRITTEN:
            return Intake(Fate.LEFT, why="il vient d’être écrit")
        intake = offered(path, age=age, now=now)
        if intake.fate != Fate.LEFT:
            path.unlink()
    except OSError as error:
        return Intake(Fate.LEFT, why=f"le système répond «\N{NO-BREAK SPACE}{error.strerror}\N{NO-BREAK SPACE}»")
    return intake


def offered(path: Path, *, age: timedelta, now: datetime) -> Intake:
    """OSError when there is no space left: the file is fine, it can come in later."""
    call = call_named(path.stem)
    if call is None:
        return Intake(Fate.REFUSED, why="aucun appel ne porte ce numéro")
    if path.is_symlink() or not path.is_file():
        return Intake(Fate.REFUSED, call, "ce n’est pas un fichier")
    try:
        stream = path.open("rb")
    except PermissionError:
        return Intake(Fate.REFUSED, call, "le fichier est illisible")
    try:
        with stream:
            recordings.store(call, stream=stream, now=now)
    except recordings.CallNotOver as error:
        return Intake(Fate.LEFT if age < ORPHAN_AFTER else Fate.REFUSED, call, str(error))
    except recordings.Refused as error:
        return Intake(Fate.REFUSED, call, str(error))
    return Intake(Fate.STORED, call)


def call_named(name: str) -> Call | None:
    """A number of ours counts only where the telephone system gave none: both may count 1, 2, 3…"""
    if not name.isprintable():
        return None
    calls = Call.objects.select_related("landlord")
    found = calls.filter(external_id=name).first()
    if found is None and name.isascii() and name.isdecimal():
        found = calls.filter(external_id=None, pk=int(name)).first()
    return found
