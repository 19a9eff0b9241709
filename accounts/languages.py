"""The languages that pages for the public and for tenants are written in, and which of them somebody reads."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from accounts.models import Person

WRITTEN = dict(settings.LANGUAGES)


def speak_to(request: HttpRequest, person: Person) -> None:
    """
    In the language chosen on this device; else in the one that the person's record says, where pages are written in
    it. French is what a record says of whom nobody asked: then the browser is believed.
    """
    chosen = settings.LANGUAGE_COOKIE_NAME in request.COOKIES
    if not chosen and person.language in WRITTEN and person.language != settings.LANGUAGE_CODE:
        translation.activate(person.language)
        request.LANGUAGE_CODE = person.language


def remember(response: HttpResponse, language: str) -> None:
    """On this device, as the switch at the foot of a page does. A language that no page is written in is not one."""
    if language in WRITTEN:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
