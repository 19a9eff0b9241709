"""Comes in as people do: address, password, code. `force_login` is for tests that are about something else."""

from time import time
from typing import Any

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from accounts.models import User
from tests.factories import TOTP_SECRET, UserFactory

PASSWORD = "cheval agrafe batterie"


def user_with_password(**fields: object) -> User:
    user = UserFactory(**fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def code_now(secret: str = TOTP_SECRET) -> str:
    """What the application shows."""
    return format_hotp_value(hotp_value(secret, int(time()) // app_settings.TOTP_PERIOD))


def give_password(client: Client, user: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/connexion/", {"login": user.email, "password": password, **more})


def sign_in(client: Client, user: User) -> Any:
    response = give_password(client, user)
    if response.url == "/connexion/code/":
        response = client.post("/connexion/code/", {"code": code_now()})
    assert response.status_code == 302, response.content.decode()
    return response


def signed_in_now(user: User) -> Client:
    """A browser of theirs, by password: recent enough for what is sensitive."""
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    sign_in(client, user)
    return client
