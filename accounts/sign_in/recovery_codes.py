"""Ten codes for the day the telephone is lost: shown once, kept hashed, each good for one sign-in."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import RecoveryCode, User

HOW_MANY = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
GROUPS, GROUP = 3, 4  # 59 bits: a plain keyed hash is enough


@transaction.atomic
def issue(user: User, *, now: datetime) -> list[str]:
    """New codes; the former ones are worth nothing from now on."""
    User.objects.select_for_update().get(pk=user.pk)
    user.recovery_codes.all().delete()
    codes = ["-".join(random_group() for _ in range(GROUPS)) for _ in range(HOW_MANY)]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(user=user, digest=digest(code, user), created_at=now) for code in codes]
    )
    return codes


def random_group() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(GROUP))


def looks_like_one(typed: str) -> bool:
    """Rather than a code of the application, which has fewer characters and no letter."""
    return len(plain(typed)) == GROUPS * GROUP


def use(user: User, typed: str) -> bool:
    """Whether it is one of the person’s codes. It is none any more then."""
    deleted, _ = user.recovery_codes.filter(digest=digest(typed, user)).delete()
    return deleted == 1


def digest(code: str, user: User) -> str:
    return salted_hmac(f"accounts.recovery_codes.{user.pk}", plain(code), algorithm="sha256").hexdigest()


def plain(code: str) -> str:
    return "".join(char for char in code.lower() if char.isalnum())
