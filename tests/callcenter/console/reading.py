"""What a page of the console says."""

import re
from html import unescape
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpResponse


def words(response: Any) -> str:
    """Its text as read: without tags, each run of spaces as one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def told(response: HttpResponse) -> list[str]:
    """The messages that the answer leaves for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]
