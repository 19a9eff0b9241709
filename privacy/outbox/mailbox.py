"""The demonstration's post: everything that would have been sent is put into a folder, and shown at /boite/."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from privacy.outbox.sms import Text

SHOWN = 100


@dataclass(frozen=True)
class Letter:
    channel: str
    to: str
    subject: str
    text: str
    at: str

    @property
    def sent_at(self) -> datetime:
        return datetime.fromisoformat(self.at)


class Mails(BaseEmailBackend):
    """For `EMAIL_BACKEND`: any mail of the product, whoever sends it."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for mail in email_messages:
            put("E-mail", to=", ".join(mail.recipients()), subject=str(mail.subject), text=str(mail.body))
        return len(email_messages)


class Texts:
    """For `SMS_BACKEND`."""

    def send(self, text: Text, *, again: bool) -> str:
        put("SMS", to=text.to, subject="", text=text.text)
        return ""


def put(channel: str, *, to: str, subject: str, text: str) -> None:
    now = timezone.now()
    letter = Letter(channel, to, subject, text, now.isoformat())
    path = Path(settings.MAILBOX_DIR) / f"{now:%Y%m%d-%H%M%S-%f}-{secrets.token_hex(4)}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(letter), ensure_ascii=False))
    unfinished.replace(path)


def letters() -> list[Letter]:
    """The last ones, the newest first."""
    newest = sorted(Path(settings.MAILBOX_DIR).glob("*.json"), reverse=True)[:SHOWN]
    return [Letter(**json.loads(path.read_text())) for path in newest]
