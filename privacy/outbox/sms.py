"""The door to the telephone networks. `settings.SMS_BACKEND` names who stands behind it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from privacy.models import OutgoingMessage
from privacy.outbox.texts import text_of


@dataclass(frozen=True)
class Text:
    to: str  # E.164
    text: str
    reference: str
    valid_for: timedelta


class Backend(Protocol):
    def send(self, text: Text, *, again: bool) -> str:
        """
        Returns the provider's number of the message. Raises TryAgain or Refused.

        `again`: an earlier attempt failed, and may have got through all the same. It must not leave twice.
        """


class InMemory:
    """For tests, as Django's mails have their `outbox`."""

    def send(self, text: Text, *, again: bool) -> str:
        outbox.append(text)
        return str(len(outbox))


outbox: list[Text] = []


def transmit(message: OutgoingMessage, *, valid_for: timedelta) -> str:
    backend: Backend = import_string(settings.SMS_BACKEND)()
    text = Text(message.said()["to"], text_of(message), message.reference, valid_for)
    return backend.send(text, again=message.attempts > 1)
