"""Files go after their rows: queued in the same transaction, removed once it is committed, tried again until gone."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db.models import F, FileField, Model

from privacy.models import FileRemoval
from privacy.registry import Registry

logger = logging.getLogger(__name__)

ORPHAN_AFTER = timedelta(hours=24)  # a younger file may belong to a transaction that is still open


@dataclass(frozen=True)
class Stored:
    """A file, by the name of its storage in STORAGES and its path there."""

    storage: str
    path: str


def storage_name(model: type[Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, FileField)
    return next(alias for alias in settings.STORAGES if storages[alias] == field.storage)


def queue(gone: Iterable[Stored], *, now: datetime) -> int:
    """To be called in the transaction that deletes the rows."""
    removals = [FileRemoval(storage=file.storage, path=file.path, queued_at=now) for file in gone]
    return len(FileRemoval.objects.bulk_create(removals))


def remove_queued() -> int:
    """Remove what is queued; what fails stays queued. Returns how many files are gone."""
    removed = 0
    for removal in FileRemoval.objects.order_by("pk").iterator(chunk_size=500):
        try:
            storages[removal.storage].delete(removal.path)
        except Exception as error:  # noqa: BLE001  (every storage has errors of its own; the next file must still go)
            FileRemoval.objects.filter(pk=removal.pk).update(attempts=F("attempts") + 1)
            logger.error("file not removed", extra={"removal": removal.pk, "error": type(error).__name__})
            continue
        removal.delete()
        removed += 1
    return removed


@dataclass(frozen=True)
class Sweep:
    orphans: list[str]  # files without a row
    missing: list[str]  # rows without their file, as model and number


def sweep(*, registry: Registry, now: datetime, commit: bool) -> Sweep:
    """Compare rows and files both ways; with `commit`, remove the files that no row knows and that are a day old."""
    known: set[str] = set()
    missing = []
    folders: set[tuple[Storage, str]] = set()
    for dataset in registry.datasets.values():
        for name in dataset.files:
            field = dataset.model._meta.get_field(name)
            assert isinstance(field, FileField)
            folders.add((field.storage, str(field.upload_to).split("/")[0]))
            for pk, path in dataset.model._base_manager.exclude(**{name: ""}).values_list("pk", name).iterator():
                known.add(path)
                if not field.storage.exists(path):
                    missing.append(f"{dataset.name} {pk}")
    known.update(FileRemoval.objects.values_list("path", flat=True))
    orphans = []
    for storage, folder in folders:
        for path in files_in(storage, folder):
            if path not in known and storage.get_modified_time(path) < now - ORPHAN_AFTER:
                orphans.append(path)
                if commit:
                    storage.delete(path)
    return Sweep(sorted(orphans), missing)


def files_in(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from files_in(storage, f"{folder}/{name}")
