from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Model

from privacy.models import JournalEntry


def record(subject: Model, *, action: str, by: AbstractBaseUser | None, now: datetime, **details: Any) -> JournalEntry:
    """Tell the journal that `by` did `action` to `subject`. `details` are ids and counts, never values."""
    return JournalEntry.objects.create(
        at=now,
        actor_id=by.pk if by else None,
        action=action,
        model=subject._meta.label,
        object_id=subject.pk,
        details=details,
    )
