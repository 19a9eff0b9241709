"""A landlord's software: the tokens it reads with, and where it is told what happens."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from interventions.models import ApiToken, Landlord
from privacy import journal
from privacy.tokens import hash_of, new_token


@transaction.atomic
def create_token(landlord: Landlord, *, name: str, by: User, now: datetime) -> str:
    """Returns the token, which is kept nowhere."""
    secret = new_token()
    token = ApiToken.objects.create(
        landlord=landlord, name=name, token_hash=hash_of(secret), created_at=now, created_by=by
    )
    journal.record(token, action="create", by=by, now=now, landlord=landlord.pk)
    return secret


@transaction.atomic
def revoke_token(token: ApiToken, *, by: User, now: datetime) -> None:
    """Dead at once."""
    if ApiToken.objects.alive().filter(pk=token.pk).update(revoked_at=now, revoked_by=by):
        journal.record(token, action="delete", by=by, now=now, landlord=token.landlord_id)
