"""An agent at the console, in a browser: by keyboard, or without JavaScript by what is on the page."""

import re
from datetime import datetime, timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.factories import UserFactory
from tests.signing_in import code_now

TOKEN = "the-exchange"
PASSWORD = "mot-de-passe-des-parcours"


def make_agent(full_name: str, **fields: str) -> User:
    user = UserFactory(full_name=full_name, **fields)
    user.set_password(PASSWORD)
    user.save()
    return user


def in_minutes(minutes: int) -> datetime:
    return timezone.localtime() + timedelta(minutes=minutes)


class Desk:
    def __init__(self, page: Page, site: str, *, keys: bool = True) -> None:
        self.page, self.site, self.keys = page, site, keys

    def sign_in(self, user: User) -> None:
        self.page.goto(f"{self.site}/console/")
        self.page.get_by_label("Adresse e-mail").fill(user.email)
        self.page.get_by_label("Mot de passe").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.get_by_label("Code à six chiffres").fill(code_now())
        self.page.keyboard.press("Enter")
        self.sees("Mon poste")

    def sees(self, heading: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        self.page.wait_for_load_state()  # and its keys are listened to

    def act(self, key: str) -> None:
        """Press the key, or click what says that it is its key."""
        if self.keys:
            self.page.keyboard.press(key)
        else:
            self.page.locator(f'[data-key="{key}"]').first.click()

    def is_told(self, message: str) -> None:
        expect(self.page.locator("#messages")).to_contain_text(message)

    def is_at(self, state: str) -> None:
        expect(self.page.locator(".sheet-ref")).to_contain_text(state)

    def ring(self, *, call: str, number: str, dialled: str) -> None:
        """The telephone system tells that somebody calls."""
        event = {"event": "ringing", "call": call, "from": number, "to": dialled}
        assert self.page.request.post(f"{self.site}/cti/{TOKEN}/", data=event).ok
