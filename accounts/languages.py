"""The languages that pages for the public and for tenants are written in, and which of them somebody reads."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from accounts.models import Person

WRITTEN = dict(settings.LANGUAGES)


def speak_to(request: HttpRequest, person: Person) -> None:
    """In the language chosen on this device, else in the one their record says, where pages are written in it."""
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and person.language in WRITTEN:
        translation.activate(person.language)
        request.LANGUAGE_CODE = person.language
