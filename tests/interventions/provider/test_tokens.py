"""Tokens that open nothing, forged, replayed, expired, of another page: thousands of them, one 404, at one cost."""

import logging
import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from interventions.lifecycle import advance
from interventions.models import LandlordContact, PersonalLink, Provider, Status
from interventions.personal_links import issue_link
from interventions.provider_links import renew_link
from privacy.tokens import new_token
from tests.factories import UserFactory
from tests.interventions.provider.jobs import links_sent

pytestmark = pytest.mark.django_db

PAGES = ("/p/{}/", "/p/depense/{}/", "/p/effacement/{}/")


def token_of(link):
    return link.rstrip("/").rpartition("/")[2]


@pytest.fixture
def others(job, provider, address, say, now):
    """Living tokens, by the page they are for; one of the tenant's; and dead ones, which no page opens."""
    Provider.objects.update(spending_limit=Decimal(300))
    LandlordContact.objects.create(landlord=job.landlord, name="C. Vasseur", email="cadre@bailleur.example")
    dead = [token_of(address)]
    dead += [renew_link(job, now=now) for _ in range(2)]  # replayed: each is replaced by the next
    living = {"/p/{}/": renew_link(job, now=now)}
    current = advance(job, to=Status.ACCEPTED, by=UserFactory(), now=now, version=job.version)
    Client().post(f"/p/{living['/p/{}/']}/", {"step": "spend", "amount": 900, "text": "Ballon", "version": 0})
    living["/p/depense/{}/"] = token_of(links_sent(timezone.now())[-1])
    expired = issue_link(job.occupant, purpose=PersonalLink.Purpose.REPORT, by=None, now=now - timedelta(days=30))
    living["portal"] = issue_link(job.occupant, purpose=PersonalLink.Purpose.FOLLOW, intervention=job, by=None, now=now)
    assert current.status == Status.ACCEPTED
    return living, [*dead, expired]


def forged(rng, known):
    """Random ones, cut ones, changed ones, longer ones, and what a scanner tries."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    while True:
        near = list(rng.choice(known))
        near[rng.randrange(len(near))] = rng.choice("!~é")
        yield from (
            "".join(rng.choices(alphabet, k=43)),
            "".join(near),
            rng.choice(known)[: rng.randrange(1, 42)],
            rng.choice(known) + rng.choice(alphabet),
            rng.choice(("admin", "0", "null", "' OR 1=1 --", "..%5c", "%00", "x" * 3000, "é" * 43)),
        )


@pytest.mark.parametrize("tokens_asked", [2_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_they_all_answer_the_same(others, tokens_asked):
    living, dead = others
    rng = random.Random(28)
    known = [*living.values(), *dead]
    tokens = forged(rng, known)
    client = Client()
    for page, token in living.items():
        if page in PAGES:
            assert client.get(page.format(token)).status_code == 200, page

    asked = [(page, token) for page in PAGES for token in dead]
    asked += [(page, token) for page in PAGES for kind, token in living.items() if kind != page]
    while len(asked) < tokens_asked:
        asked.append((rng.choice(PAGES), next(tokens)))
    answers, costs = set(), set()
    for number, (page, token) in enumerate(asked):
        post = number % 2
        spent = 0

        def count(execute, *statement):
            nonlocal spent
            spent += 1
            return execute(*statement)

        with connection.execute_wrapper(count):
            response = client.generic("POST" if post else "GET", page.format(token.replace("/", "")))
        answers.add((response.status_code, response.content, tuple(sorted(response.headers.items()))))
        costs.add(spent)
    assert len(asked) == tokens_asked
    [(status, _, headers)] = answers
    assert status == 404
    assert dict(headers)["Referrer-Policy"] == "no-referrer"
    assert costs == {1}


def test_living_and_dead_ones_are_in_no_log_and_no_referrer(others, caplog):
    living, dead = others
    client = Client()
    with caplog.at_level(logging.DEBUG):
        for page in PAGES:
            for token in [*living.values(), *dead, new_token()]:
                response = client.get(page.format(token))
                assert response["Referrer-Policy"] == "no-referrer"
                assert token not in response.content.decode()
    said = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "/p/…/" in said
    assert "/p/depense/…/" in said
    assert not [token for token in (*living.values(), *dead) if token in said]
