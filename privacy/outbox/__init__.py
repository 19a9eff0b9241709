"""
Messages to people, by e-mail or SMS: a link or a code, never a name, an address or a problem.

`send` writes the message in the caller's transaction; a task sends it once that is committed, and again later while
it fails. Each app registers its kinds of messages in its `message_kinds.py`.
"""

from privacy.outbox.kinds import MessageKind, UnknownKind, register
from privacy.outbox.sending import absolute, drop_waiting, forget, send

__all__ = ["MessageKind", "UnknownKind", "absolute", "drop_waiting", "forget", "register", "send"]
