"""The policy page, and the versions of it that were published."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from privacy import policy
from privacy.models import PolicyVersion
from privacy.retention.watch import Proof


class PolicyChanged(Exception):
    """The policy says something else than what was published under its version."""


def rendered(proofs: Mapping[str, Proof] | None = None, *, now: datetime | None = None) -> str:
    """The whole policy; with the live proof beside its rows (by key) where the site shows it."""
    rows = [(row, proofs[row.key] if proofs else None) for row in policy.ROWS]
    context = {"policy": policy, "bases": purposes_by_basis(), "rows": rows, "proven": bool(proofs), "now": now}
    return render_to_string("privacy/policy_text.html", context)


def purposes_by_basis() -> dict[str, list[policy.Purpose]]:
    bases: dict[str, list[policy.Purpose]] = {}
    for purpose in policy.PURPOSES.values():
        bases.setdefault(purpose.basis, []).append(purpose)
    return bases


@transaction.atomic
def publish_policy(*, now: datetime) -> PolicyVersion:
    """
    Keep the page under the version that policy.py names; nothing happens where it is kept already.

    Raises PolicyChanged where it is, in other words: a change needs a version and a date of its own.
    """
    page = rendered()
    kept, _ = PolicyVersion.objects.get_or_create(
        version=policy.VERSION,
        defaults={
            "published_on": policy.PUBLISHED_ON,
            "kept_at": now,
            "page": page,
            "sha256": hashlib.sha256(page.encode()).hexdigest(),
        },
    )
    if words(kept.page) != words(page):
        raise PolicyChanged(
            f"La politique {policy.VERSION} a déjà été publiée, avec un autre texte. "
            "Donnez-lui une nouvelle version et une nouvelle date dans privacy/policy.py."
        )
    return kept


def is_published() -> bool:
    kept = PolicyVersion.objects.filter(version=policy.VERSION).first()
    return kept is not None and words(kept.page) == words(rendered())


def words(page: str) -> list[str]:
    """What a reader reads, whatever the markup."""
    return strip_tags(page).split()
