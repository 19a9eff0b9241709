"""Secrets that an address holds: whoever has the link is let in, and we keep no more than its hash."""

from hashlib import sha256
from secrets import token_urlsafe

TOKEN_BYTES = 32


def new_token() -> str:
    return token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    """Only this is kept. 256 random bits need no salt, and looking a hash up tells nothing of how near a guess was."""
    return sha256(token.encode()).hexdigest()
