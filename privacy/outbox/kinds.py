"""The kinds of messages there are. Their texts are `templates/outbox/<key>.txt` and `<key>.sms.txt`."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules


class UnknownKind(Exception):
    """No app has registered this kind of message, or not for this channel."""


@dataclass(frozen=True)
class MessageKind:
    """
    `lifetime`: how long it is worth sending. A code that is over, or a link to what has passed, helps nobody.
    `solicits`: the purpose (of `policy.SOLICITING`) of what nobody asked for. Who objected gets none.
    `after_death`: it goes to who may read a dead person's data in their place.
    """

    key: str
    subject: str | Promise
    lifetime: timedelta
    mail_only: bool = False
    solicits: str = ""
    after_death: bool = False


kinds: dict[str, MessageKind] = {}


def register(*declared: MessageKind) -> None:
    kinds.update({kind.key: kind for kind in declared})


def kind_of(key: str) -> MessageKind:
    try:
        return kinds[key]
    except KeyError:
        raise UnknownKind(key) from None


def discover() -> None:
    autodiscover_modules("message_kinds")
