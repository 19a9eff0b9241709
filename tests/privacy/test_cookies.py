"""Visitors choose about cookies: as easily no as yes, proven on our side, asked again, thirteen months at most."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from dateutil.relativedelta import relativedelta
from django.conf import settings as project
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.roles import Role
from privacy.models import CookieChoice
from privacy.navigation.choices import COOKIE, QUESTION, choice_of, choose, ends_at, proof_ends_at
from privacy.navigation.cookies import KEPT
from privacy.registry import registry
from privacy.retention.purge import purge
from tests.factories import NOW, UserFactory

pytestmark = pytest.mark.django_db

ANSWER = "/cookies/choix/"
PUBLIC_PAGES = ["/", "/connexion/", "/confidentialite/", "/nulle-part/"]
BANNER = 'class="cookie-banner"'


def read(client, address="/"):
    return client.get(address).content.decode()


def say(client, audience, **said):
    return client.post(ANSWER, {"audience": audience, **said})


def months(number):
    return relativedelta(months=number)


# The banner -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_every_public_page_asks_until_there_is_an_answer(client, address):
    assert BANNER in read(client, address)
    say(client, "no")
    page = read(client, address)
    assert BANNER not in page
    assert f'href="{reverse("cookies:settings")}"' in page  # to change one's mind, from everywhere


@pytest.mark.parametrize("role", [Role.AGENT, Role.DPO])
def test_people_at_work_are_not_asked(client, role):
    client.force_login(UserFactory(role=role))
    page = client.get("/", follow=True)
    assert page.redirect_chain
    assert BANNER not in page.content.decode()


def test_yes_and_no_are_two_equal_buttons_of_a_plain_form(client):
    banner = read(client).partition(BANNER)[2].partition("</section>")[0]
    buttons = re.findall(r'<button class="([^"]+)" name="audience" value="(\w+)">', banner)
    assert [value for _, value in buttons] == ["no", "yes"]
    assert len({look for look, _ in buttons}) == 1
    assert f'<form class="cookie-buttons" method="post" action="{ANSWER}">' in banner
    assert "checked" not in banner
    assert str(QUESTION) in unescape(banner)


def test_silence_is_refusal(client):
    for address in PUBLIC_PAGES:
        client.get(address)
    assert COOKIE not in client.cookies
    assert not CookieChoice.objects.exists()


# The answer -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "audience"), [("yes", True), ("no", False)])
def test_an_answer_is_kept_on_our_side_under_a_random_key(client, said, audience):
    before = timezone.now()
    say(client, said)
    choice = CookieChoice.objects.get()
    assert choice.audience is audience
    assert choice.first_deposit_at == choice.chosen_at > before
    assert choice.wording.text == str(QUESTION)
    assert client.cookies[COOKIE].value == str(choice.key)
    assert choice.key.version == 4


def test_the_cookie_is_for_us_alone_and_for_six_months(client, settings):
    settings.SESSION_COOKIE_SECURE = True
    say(client, "no")
    cookie = client.cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"], cookie["path"]) == (True, "Lax", True, "/")
    now = timezone.now()
    longest = now + months(6) - now
    # To the first second of a day in Paris, whose summer may begin or end meanwhile.
    assert longest - timedelta(days=1, hours=1, minutes=1) < timedelta(seconds=cookie["max-age"]) <= longest


def test_whoever_reads_english_answers_to_english_words(client):
    french = choose(None, audience=True, now=NOW)
    with translation.override("en"):
        asked, english = str(QUESTION), choose(None, audience=True, now=NOW)
    assert english.wording.text == asked
    assert {french.wording.version[:3], english.wording.version[:3]} == {"fr-", "en-"}


@pytest.mark.parametrize(
    ("next_page", "back_at"),
    [
        ("/confidentialite/?x=1", "/confidentialite/?x=1"),
        ("", "/cookies/"),
        ("https://elsewhere.example/", "/cookies/"),
        ("//elsewhere.example/", "/cookies/"),
        ("javascript:alert(1)", "/cookies/"),
    ],
)
def test_an_answer_leads_back_to_the_page_it_was_given_on_and_nowhere_else(client, next_page, back_at):
    assert say(client, "yes", next=next_page).url == back_at


def test_what_is_no_answer_is_refused(client):
    assert say(client, "maybe").status_code == 400
    assert client.post(ANSWER).status_code == 400
    assert client.get(ANSWER).status_code == 405
    assert not CookieChoice.objects.exists()


def test_nobody_answers_for_somebody_else_from_another_site():
    assert say(Client(enforce_csrf_checks=True), "yes").status_code == 403
    assert not CookieChoice.objects.exists()


def test_withdrawing_is_one_click_on_the_page_about_cookies(client):
    say(client, "yes")
    page = read(client, "/cookies/")
    assert page.count('name="audience"') == 1
    assert '<button class="btn btn-outline-primary" name="audience" value="no">Retirer mon accord</button>' in page
    key = client.cookies[COOKIE].value

    say(client, "no")

    assert "Vous avez refusé" in read(client, "/cookies/")
    assert client.cookies[COOKIE].value == key
    first, second = CookieChoice.objects.order_by("pk")
    assert (first.audience, second.audience) == (True, False)
    assert (first.key, first.first_deposit_at) == (second.key, second.first_deposit_at)


# The clock ------------------------------------------------------------------------------------------------------------


def test_it_is_asked_again_after_six_months():
    choice = choose(None, audience=True, now=NOW)
    assert ends_at(choice) == datetime(2026, 9, 9, 22, tzinfo=UTC)  # the 10th begins in Paris
    assert choice_of(choice.key, now=ends_at(choice) - timedelta(seconds=1)) == choice
    assert choice_of(choice.key, now=ends_at(choice)) is None


def test_no_answer_moves_the_first_deposit():
    first = choose(None, audience=True, now=NOW)
    for number in range(1, 13):
        again = choose(first.key, audience=bool(number % 2), now=NOW + months(number))
        assert (again.key, again.first_deposit_at) == (first.key, NOW)
        assert ends_at(again) <= proof_ends_at(first) == datetime(2027, 4, 9, 22, tzinfo=UTC)
    assert choice_of(first.key, now=proof_ends_at(first) - timedelta(seconds=1)) == again
    assert choice_of(first.key, now=proof_ends_at(first)) is None


def test_after_thirteen_months_everything_begins_anew():
    first = choose(None, audience=True, now=NOW)
    later = proof_ends_at(first)
    anew = choose(first.key, audience=True, now=later)
    assert anew.key != first.key
    assert anew.first_deposit_at == later


def test_the_proof_goes_by_its_anniversary_however_late_the_last_answer_was():
    first = choose(None, audience=True, now=NOW)
    choose(first.key, audience=False, now=NOW + months(12))
    purge(now=proof_ends_at(first) - timedelta(seconds=1), commit=True)
    assert CookieChoice.objects.count() == 2
    purge(now=proof_ends_at(first), commit=True)
    assert not CookieChoice.objects.exists()


@pytest.mark.parametrize("key", ["0c9f1f0e-8d0e-4c55-9a0c-6b1f5f6f3b7a", "not-a-key", "", "0" * 5000])
def test_a_key_that_we_did_not_give_is_not_taken_over(client, key):
    client.cookies[COOKIE] = key
    assert BANNER in read(client)
    say(client, "yes")
    assert client.cookies[COOKIE].value != key
    assert UUID(client.cookies[COOKIE].value) == CookieChoice.objects.get().key


def refused(sql, *values):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_the_database_keeps_the_proof_as_it_was_given():
    choice = choose(None, audience=False, now=NOW)
    refused("UPDATE privacy_cookiechoice SET audience = true")
    refused("DELETE FROM privacy_cookiechoice")
    refused(
        "INSERT INTO privacy_cookiechoice (key, first_deposit_at, chosen_at, audience, wording_id) "
        "VALUES (%s, %s, %s, true, %s)",
        *(choice.key, NOW + timedelta(days=1), NOW + timedelta(days=2), choice.wording_id),
    )
    assert CookieChoice.objects.get() == choice


# What the browser keeps -----------------------------------------------------------------------------------------------


def test_the_page_tells_of_each_cookie_what_it_is_for_and_for_how_long(client):
    page = unescape(read(client, "/cookies/"))
    for each in KEPT:
        assert f"<code>{each.name}</code>" in page
        assert str(each.why) in page
        assert each.lasts() in page
    assert {"csrftoken", "sessionid", "django_language", COOKIE} <= {each.name for each in KEPT}


def test_the_page_asks_by_itself_while_there_is_no_answer(client):
    page = read(client, "/cookies/")
    assert BANNER not in page
    assert page.count('name="audience"') == 2


def test_choices_are_declared_with_every_field():
    fields = {*registry.datasets[CookieChoice].personal_fields}
    assert fields == {"key", "first_deposit_at", "chosen_at", "audience", "wording"}


ELSEWHERE = re.compile(  # a link asks nothing by itself
    r"""<(?!a\b)[^>]+\b(?:src|srcset|href|action|poster|data|hx-\w+)=["']?(?:https?:)?//"""
    r"""|(?:url|fetch|import|EventSource|sendBeacon)\(["'`]?(?:https?:)?//|@import\s+["'](?:https?:)?//""",
    re.IGNORECASE,
)
SERVED = [
    path
    for folder, kinds in (("templates", ("*.html",)), ("static", ("*.css", "*.js", "*.svg")))
    for kind in kinds
    for path in sorted((Path(project.BASE_DIR) / folder).rglob(kind))
]


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://elsewhere.example/x.js">',
        "<link rel=stylesheet href=//elsewhere.example/x.css>",
        '<form action="http://elsewhere.example/">',
        "url(https://elsewhere.example/font.woff2)",
        'fetch("https://elsewhere.example/")',
    ],
)
def test_a_request_to_somewhere_else_would_be_recognised(text):
    assert ELSEWHERE.search(text)
    assert not ELSEWHERE.search('<a href="https://www.cnil.fr/">')


@pytest.mark.parametrize("path", SERVED, ids=lambda path: str(path.relative_to(project.BASE_DIR)))
def test_nothing_that_we_serve_asks_another_site_for_anything(path):
    assert ELSEWHERE.findall(path.read_text()) == []
