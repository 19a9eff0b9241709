"""Files go after their rows: queued in the same transaction, removed once it is committed, tried again until gone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.files.storage import Storage, storages
from django.db.models import F, FileField

from privacy.models import FileRemoval
from privacy.registry import Registry

ORPHAN_AFTER = timedelta(hours=24)  # a younger file may belong to a transaction that is still open


def queue(paths: Iterable[str], *, now: datetime) -> int:
    """To be called in the transaction that deletes the rows."""
    return len(FileRemoval.objects.bulk_create(FileRemoval(path=path, queued_at=now) for path in paths if path))


def remove_queued() -> int:
    """Remove what is queued; what fails stays queued. Returns how many files are gone."""
    removed = 0
    for removal in FileRemoval.objects.order_by("pk").iterator(chunk_size=500):
        try:
            storages[removal.storage].delete(removal.path)
        except OSError:
            FileRemoval.objects.filter(pk=removal.pk).update(attempts=F("attempts") + 1)
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
