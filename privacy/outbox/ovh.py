"""
OVHcloud SMS (France), as its API is documented: https://eu.api.ovh.com/console/?section=/sms

`settings.SMS_URL` is the account's address with its keys:
https://APPLICATION_KEY:APPLICATION_SECRET@eu.api.ovh.com/1.0/sms/SERVICE?consumer_key=…&sender=…
"""

import hashlib
import json
import time
from datetime import timedelta
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from privacy.outbox.failures import Refused, TryAgain
from privacy.outbox.sms import Text

TIMEOUT = 8  # seconds; three calls at most, and an attempt must end well within the first pause
LONGEST_ANSWER = 100_000  # bytes
LONGEST_VALIDITY = timedelta(days=2)


class NoRedirect(HTTPRedirectHandler):
    """A signed request is for its own address."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Ovh:
    def __init__(self) -> None:
        url = urlsplit(settings.SMS_URL)
        asked = parse_qs(url.query)
        self.account = f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"
        self.application_key, self.application_secret = url.username or "", url.password or ""
        self.consumer_key, self.sender = asked["consumer_key"][0], asked["sender"][0]

    def send(self, text: Text, *, again: bool) -> str:
        if again and (number := self.sent_already(text.reference)):
            return number
        report = self.call(
            "POST",
            "jobs",
            {
                "receivers": [text.to],
                "message": text.text,
                "sender": self.sender,
                "tag": text.reference,
                "charset": "UTF-8",
                "priority": "high",
                "noStopClause": True,  # no advertising
                "validityPeriod": max(1, min(text.valid_for, LONGEST_VALIDITY) // timedelta(minutes=1)),
            },
        )
        match report:
            case {"ids": [number, *_]}:
                return str(number)
            case {"invalidReceivers": [_, *_]}:
                raise Refused("invalid number")
        raise TryAgain("malformed answer")

    def sent_already(self, reference: str) -> str:
        """
        The number of the message with this tag, or nothing.

        Pending jobs have no tag: while there are some, ours may be among them. They are read first, since they go
        from there to `outgoing`.
        """
        pending = self.call("GET", "jobs")
        match self.call("GET", f"outgoing?tag={reference}"):
            case [number, *_]:
                return str(number)
            case [] if pending == []:
                return ""
        raise TryAgain("still pending")

    def call(self, method: str, path: str, said: dict[str, Any] | None = None) -> Any:
        """The answer's JSON. Raises TryAgain or Refused, and tells neither what was said nor what was answered."""
        address = f"{self.account}/{path}"
        body = json.dumps(said) if said else ""
        timestamp = str(int(time.time()))  # of the signature: the protocol wants the moment of the call itself
        signed = "+".join([self.application_secret, self.consumer_key, method, address, body, timestamp])
        request = Request(
            address,
            data=body.encode() or None,
            method=method,
            headers={
                "Content-Type": "application/json",
                "X-Ovh-Application": self.application_key,
                "X-Ovh-Consumer": self.consumer_key,
                "X-Ovh-Timestamp": timestamp,
                "X-Ovh-Signature": f"$1${hashlib.sha1(signed.encode()).hexdigest()}",
            },
        )
        try:
            with build_opener(NoRedirect).open(request, timeout=TIMEOUT) as answer:
                return json.loads(answer.read(LONGEST_ANSWER))
        except HTTPError as error:
            with error:
                if error.code == 429 or error.code >= 500:
                    raise TryAgain(f"HTTP {error.code}", after=asked_pause(error.headers)) from None
                raise Refused(f"HTTP {error.code}") from None
        except (OSError, HTTPException, ValueError) as error:  # ValueError: what came back is not JSON
            raise TryAgain(type(error).__name__) from None


def asked_pause(headers: Message) -> timedelta:
    """`Retry-After` in seconds. As a date, which nobody sends for a throttle, it is left to our own pauses."""
    seconds = headers.get("Retry-After", "")
    return timedelta(seconds=int(seconds)) if seconds.isdecimal() and len(seconds) < 6 else timedelta(0)
