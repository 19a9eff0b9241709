"""How long somebody stays in, from which devices, and what is asked again before a sensitive act."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import resolve, reverse

from accounts.roles import Role
from accounts.sign_in import devices
from privacy.models import OutgoingMessage
from tests.factories import InterventionFactory, PersonFactory, UserFactory
from tests.signing_in import PASSWORD, give_password, sign_in, user_with_password

pytestmark = pytest.mark.django_db

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def clock():
    """A clock that the test moves on: `clock.shift(HOUR)`."""
    with time_machine.travel("2026-11-23 08:00:00+01:00", tick=False) as traveller:
        yield traveller


def is_in(client):
    return client.get("/compte/").status_code == 200


def tenant():
    return user_with_password(role=Role.TENANT, person=PersonFactory())


# How long -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role != Role.TENANT])
def test_at_work_half_an_hour_without_a_click_is_the_end(client, clock, role):
    client.force_login(UserFactory(role=role))
    clock.shift(29 * MINUTE)
    assert is_in(client)
    clock.shift(29 * MINUTE)
    assert is_in(client)
    clock.shift(30 * MINUTE)
    assert not is_in(client)
    assert "Votre session est terminée" in client.get("/connexion/").content.decode()


def test_at_work_twelve_hours_are_the_end_whatever_happens(client, clock):
    client.force_login(UserFactory())
    for _ in range(35):
        clock.shift(20 * MINUTE)
        assert is_in(client)
    clock.shift(20 * MINUTE)
    assert not is_in(client)


def test_a_tenant_stays_in_a_week_from_one_visit_to_the_next_and_two_weeks_at_most(client, clock):
    client.force_login(tenant())
    clock.shift(6 * DAY)
    assert is_in(client)
    clock.shift(6 * DAY)
    assert is_in(client)
    clock.shift(2 * DAY)
    assert not is_in(client)
    client.force_login(tenant())
    clock.shift(7 * DAY)
    assert not is_in(client)


def test_the_board_that_refreshes_itself_keeps_nobody_in(client, clock):
    client.force_login(UserFactory())
    for _ in range(29):
        clock.shift(MINUTE)
        assert client.get("/console/tableau/", headers={"hx-request": "true"}).status_code == 200
    clock.shift(MINUTE)

    response = client.get(
        "/console/tableau/",
        headers={"hx-request": "true", "hx-current-url": "http://testserver/console/releve/"},
    )
    assert response.status_code == 200
    assert response["HX-Redirect"] == "/connexion/?next=/console/releve/"
    assert response.content == b""


POLL = re.compile(r"""hx-get="\{% url '([\w:]+)'([^%]*)%\}[^>]*hx-trigger="every""")


def test_every_page_that_refreshes_itself_says_so():
    templates = [path.read_text() for path in (settings.BASE_DIR / "templates").rglob("*.html")]
    polls = [(name, ["1"] if place.strip() else []) for text in templates for name, place in POLL.findall(text)]

    assert len(polls) == sum(text.count('hx-trigger="every') for text in templates) > 0
    for name, place in polls:
        assert getattr(resolve(reverse(name, args=place)).func, "polled", False), name


def test_a_session_that_does_not_say_when_it_began_is_over(client):
    client.force_login(UserFactory())
    assert is_in(client)
    session = client.session
    del session["signed_in_at"]
    session.save()
    assert not is_in(client)


# A recent sign-in -----------------------------------------------------------------------------------------------------

SENSITIVE = ("mfa_activate_totp", "mfa_add_webauthn", "recovery_codes", "close_account")


@pytest.mark.parametrize("name", SENSITIVE)
def test_what_is_sensitive_asks_again_who_it_is_and_then_goes_on(client, clock, name):
    account = user_with_password(role=Role.TENANT, person=PersonFactory(), second_factor=name == "recovery_codes")
    sign_in(client, account)
    page = reverse(name)
    clock.shift(14 * MINUTE)
    assert client.get(page).status_code == 200
    clock.shift(MINUTE)

    asked = unquote(client.get(page).url)
    assert asked == f"/compte/confirmer/?next={page}"
    assert client.post(asked, {"password": "ce n’est pas lui", "next": page}).status_code == 200
    assert client.get(page).status_code == 302
    assert client.post(asked, {"password": PASSWORD, "next": page}).url == page
    assert client.get(page).status_code == 200
    clock.shift(15 * MINUTE)
    assert client.get(page).status_code == 302


def test_a_new_address_too(client, clock):
    account = tenant()
    sign_in(client, account)
    clock.shift(15 * MINUTE)
    response = client.post("/compte/adresse/", {"email": "nouvelle@exemple.example", "action_add": "1"})
    assert response.url.startswith("/compte/confirmer/")
    assert account.emailaddress_set.count() == 1


# Devices --------------------------------------------------------------------------------------------------------------


def new_device_mails():
    return [message.said()["to"] for message in OutgoingMessage.objects.filter(kind="new_device")]


def test_a_sign_in_from_a_new_browser_is_told_by_mail(client, client_factory):
    account = tenant()
    sign_in(client, account)
    assert new_device_mails() == []  # the account's first
    client.post("/deconnexion/")
    sign_in(client, account)
    assert new_device_mails() == []

    elsewhere = client_factory(REMOTE_ADDR="203.0.113.77")
    sign_in(elsewhere, account)
    assert new_device_mails() == [account.email]
    said = OutgoingMessage.objects.get(kind="new_device").said()
    assert said["link"].endswith("/compte/sessions/")
    assert "203.0.113" not in str(said)


def test_a_browser_that_knows_one_account_knows_no_other(client):
    sign_in(client, tenant())
    client.post("/deconnexion/")
    other = tenant()
    other.last_login = other.date_joined
    other.save()
    sign_in(client, other)
    assert new_device_mails() == [other.email]


def test_the_device_cookie_is_signed_and_names_nobody(client):
    account = tenant()
    sign_in(client, account)
    cookie = client.cookies[devices.COOKIE]
    assert account.email not in str(devices.signing.loads(cookie.value, salt=devices.SALT))
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    client.cookies[devices.COOKIE] = cookie.value[:-1] + ("A" if cookie.value[-1] != "A" else "B")
    client.post("/deconnexion/")
    sign_in(client, account)
    assert new_device_mails() == [account.email]


def test_sessions_are_listed_and_ended_one_by_one(client, client_factory):
    account = tenant()
    telephone = client_factory(headers={"user-agent": "Mozilla/5.0 (Android 15; Mobile) Firefox/140.0"})
    sign_in(telephone, account)
    sign_in(client, account)
    page = client.get("/compte/sessions/").content.decode()
    assert "Firefox, Android" in page
    assert page.count("Cet appareil") == 1

    theirs = UserSession.objects.get(user_agent__contains="Android")
    client.post(f"/compte/sessions/{theirs.pk}/")
    assert not is_in(telephone)
    assert is_in(client)


def test_nobody_ends_the_session_of_somebody_else(client, client_factory):
    stranger = client_factory()
    sign_in(stranger, tenant())
    sign_in(client, tenant())
    assert client.post(f"/compte/sessions/{UserSession.objects.earliest('pk').pk}/").status_code == 404
    assert is_in(stranger)


def test_all_the_others_are_ended_at_once(client, client_factory):
    account = tenant()
    others = [client_factory() for _ in range(2)]
    for other in others:
        sign_in(other, account)
    sign_in(client, account)
    client.post("/compte/sessions/")
    assert is_in(client)
    assert not any(is_in(other) for other in others)


# Tries at a password --------------------------------------------------------------------------------------------------


def guess(client, account, times):
    return [give_password(client, account, "ce n’est pas le bon").status_code for _ in range(times)]


def test_after_five_failures_one_waits_and_is_told_how_long(client, clock):
    account = tenant()
    assert guess(client, account, 5) == [200] * 5

    response = give_password(client, account)
    assert response.status_code == 429
    assert "Recommencez dans 15 minutes" in response.content.decode()
    assert response["Retry-After"] == "900"
    clock.shift(15 * MINUTE)
    assert give_password(client, account).status_code == 302


def test_an_address_that_has_no_account_waits_as_long(client):
    nobody = UserFactory.build(email="personne@exemple.example")
    assert guess(client, nobody, 6) == [200] * 5 + [429]


def test_a_success_uses_up_nothing(client):
    account = tenant()
    for _ in range(7):
        sign_in(client, account)
        client.post("/deconnexion/")
        client.cookies.clear()


def test_a_stranger_locks_nobody_out(client, client_factory):
    account = tenant()
    sign_in(client, account)
    client.post("/deconnexion/")
    for network in range(10):  # from many addresses, until nobody unknown may try
        guess(client_factory(REMOTE_ADDR=f"203.0.113.{network}"), account, 5)
    elsewhere = client_factory(REMOTE_ADDR="198.51.100.7")
    assert give_password(elsewhere, account).status_code == 429

    assert give_password(client, account).status_code == 302  # the browser they know
    elsewhere.post("/compte/mot-de-passe/oublie/", {"email": account.email})
    link = OutgoingMessage.objects.get(kind="password_reset").said()["link"].removeprefix(settings.SITE_URL)
    form = elsewhere.get(link).url
    new = {"password1": "quatre lampes au plafond", "password2": "quatre lampes au plafond"}
    assert elsewhere.post(form, new).status_code == 302  # and the link
    assert is_in(elsewhere)


def test_a_known_device_that_is_stolen_has_few_tries_too(client):
    account = tenant()
    sign_in(client, account)
    client.post("/deconnexion/")
    assert guess(client, account, 11) == [200] * 10 + [429]


def test_one_address_does_not_try_everybody(client):
    statuses = [guess(client, UserFactory.build(email=f"essai{n}@exemple.example"), 1)[0] for n in range(51)]
    assert statuses == [200] * 50 + [429]


# Closing one's account ------------------------------------------------------------------------------------------------


def test_a_tenant_closes_their_account_and_what_was_done_for_them_stays(client, client_factory):
    account = tenant()
    person, email = account.person, account.email
    job = InterventionFactory(occupant=person)
    elsewhere = client_factory()
    sign_in(elsewhere, account)
    sign_in(client, account)
    assert "14\N{NO-BREAK SPACE}mois" in client.get("/compte/supprimer/").content.decode()

    assert client.post("/compte/supprimer/").url == "/"

    assert not is_in(client)
    assert not is_in(elsewhere)
    account.refresh_from_db()
    assert (account.person, account.full_name, account.is_active) == (None, "", False)
    assert email not in account.email
    assert not account.has_usable_password()
    assert not account.emailaddress_set.exists()
    person.refresh_from_db()
    job.refresh_from_db()
    assert job.occupant == person
    assert give_password(client_factory(), UserFactory.build(email=email)).status_code == 200


def test_staff_do_not_close_theirs(client):
    agent = user_with_password()
    sign_in(client, agent)
    assert client.post("/compte/supprimer/").status_code == 403
    agent.refresh_from_db()
    assert agent.is_active
