"""
Addresses and numbers that are not solicited any more, for three years: kept as keyed hashes, which outlive the record
of whoever objected and tell nobody's address.
"""

import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from privacy.models import Suppression


def suppress(addresses: Iterable[str], *, purpose: str, now: datetime) -> int:
    """Nothing for this purpose goes there from now on. Said again, the three years begin anew."""
    rows = [Suppression(purpose=purpose, digest=digests_of(address)[0], at=now) for address in addresses]
    Suppression.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["digest", "purpose"], update_fields=["at"]
    )
    return len(rows)


def release(addresses: Iterable[str], *, purpose: str) -> None:
    """The person agrees anew."""
    digests = [digest for address in addresses for digest in digests_of(address)]
    Suppression.objects.filter(purpose=purpose, digest__in=digests).delete()


def is_suppressed(address: str, *, purpose: str) -> bool:
    return Suppression.objects.filter(purpose=purpose, digest__in=digests_of(address)).exists()


def digests_of(address: str) -> list[str]:
    """Under each key, the one that writes first. They are the ledger's: what outlives a record needs keys that do."""
    spelled = address.strip().lower().encode()
    keys = (hmac.digest(secret.encode(), b"privacy.suppression", "sha256") for secret in settings.LEDGER_KEYS)
    return [hmac.digest(key, spelled, "sha256").hex() for key in keys]
