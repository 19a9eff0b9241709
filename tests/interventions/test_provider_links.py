import logging
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from interventions.lifecycle import advance
from interventions.models import Intervention, ProviderLink, Status
from interventions.models.interventions import ENDED, WITHOUT_PROVIDER
from interventions.provider_links import NoJob, end_links, find_link, renew_link
from privacy.registry import registry
from privacy.retention.due import due_rows
from tests.callcenter.console.reading import words
from tests.factories import (
    NOW,
    AccessCodeFactory,
    DwellingFactory,
    InterventionFactory,
    PersonFactory,
    ProviderFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(hours=1)


def dispatched(provider=None, **details):
    """Sent to a provider through the one door."""
    intervention = InterventionFactory(**details)
    return advance(
        intervention,
        to=Status.DISPATCHED,
        by=UserFactory(),
        now=NOW,
        version=1,
        provider=provider or ProviderFactory(),
    )


def page_of(client, token):
    return client.get(reverse("provider:job", args=[token]))


def test_a_dispatch_makes_one_link_for_its_provider():
    provider = ProviderFactory()
    link = dispatched(provider).links.get()
    assert (link.provider, link.created_at, link.ended_at) == (provider, NOW, None)


def test_only_the_hash_of_a_long_random_token_is_kept():
    intervention = dispatched()
    first, second = (renew_link(intervention, now=NOW) for _ in range(2))
    assert first != second
    assert len(first) >= 43  # 256 bits
    assert ProviderLink.objects.alive().get().token_hash == sha256(second.encode()).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(to_jsonb(held)::text, '') FROM interventions_providerlink held")
        assert second not in cursor.fetchone()[0]


def test_a_new_link_kills_the_former():
    intervention = dispatched()
    first = renew_link(intervention, now=NOW)
    assert find_link(first)
    second = renew_link(intervention, now=LATER)
    assert find_link(first) is None
    assert find_link(second)


@pytest.mark.parametrize("end", [*sorted(ENDED), Status.REOPENED])
def test_it_is_dead_as_soon_as_the_job_ends(client, end):
    intervention = dispatched()
    token = renew_link(intervention, now=NOW)
    if end == Status.REOPENED:
        Intervention.objects.filter(pk=intervention.pk).update(status=Status.DONE)
    if end == Status.REFUSED:
        Intervention.objects.filter(pk=intervention.pk).update(status=Status.REOPENED)
    assert page_of(client, token).status_code == 200

    advance(intervention, to=end, by=UserFactory(), now=LATER, version=intervention.version, reason="Terminé.")

    assert page_of(client, token).status_code == 404
    assert set(intervention.links.values_list("ended_at", flat=True)) >= {LATER}


def test_it_is_dead_once_the_job_is_somebody_elses():
    first, second = ProviderFactory(), ProviderFactory()
    intervention = dispatched(first)
    token = renew_link(intervention, now=NOW)
    advance(
        intervention, to=Status.DISPATCHED, by=UserFactory(), now=LATER, version=intervention.version, provider=second
    )
    assert find_link(token) is None
    assert ProviderLink.objects.alive().get().provider == second


def test_what_was_closed_by_other_means_opens_nothing():
    intervention = dispatched()
    token = renew_link(intervention, now=NOW)
    Intervention.objects.update(status=Status.CLOSED, closed_at=LATER)
    assert ProviderLink.objects.filter(ended_at=None).exists()
    assert find_link(token) is None


@pytest.mark.parametrize("status", sorted(WITHOUT_PROVIDER))
def test_there_is_no_link_to_a_job_that_nobody_has(status):
    with pytest.raises(NoJob, match="Aucun prestataire"):
        renew_link(InterventionFactory(status=status, provider=ProviderFactory()), now=NOW)


def test_the_database_knows_one_living_link():
    intervention = dispatched()
    with pytest.raises(IntegrityError, match="provider_link_one_alive"), transaction.atomic():
        ProviderLink.objects.create(
            intervention=intervention, provider=intervention.provider, token_hash="0" * 64, created_at=NOW
        )


def test_a_dead_link_is_due_at_once():
    [rule] = [rule for rule in registry.rules() if rule.expiry.row == "providers"]
    intervention = dispatched()
    assert not due_rows(rule, registry=registry, now=LATER).exists()
    end_links(intervention, now=LATER)
    assert due_rows(rule, registry=registry, now=LATER).exists()


# The page -------------------------------------------------------------------------------------------------------------


def test_the_page_shows_what_it_takes_to_go_there_and_nothing_of_anybody(client):
    dwelling = DwellingFactory(staircase="B", floor="3", door="12")
    occupant = PersonFactory(family_name="Delattre", given_name="Lucie")
    AccessCodeFactory(residence=dwelling.residence, label="Digicode", code="12A34")
    said = {"contact_number": "+33612345678", "description": "Appeler après la sieste."}
    intervention = dispatched(
        residence=dwelling.residence, dwelling=dwelling, occupant=occupant, reported_by=occupant, **said
    )

    page = page_of(client, renew_link(intervention, now=NOW))

    text = words(page)
    for shown in ("Fuite", dwelling.residence.street, "59400 Cambrai", "porte 12", "Digicode", "12A34", "13 mars"):
        assert shown.lower() in text.lower(), shown
    for hidden in ("Delattre", "Lucie", "06 12 34 56 78", "sieste"):
        assert hidden.lower() not in text.lower(), hidden


@pytest.mark.parametrize("alive", [True, False])
def test_it_stays_in_no_cache_and_no_search_engine(client, alive):
    token = renew_link(dispatched(), now=NOW) if alive else "inconnu"
    page = page_of(client, token)
    assert page.status_code == (200 if alive else 404)
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert page["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.content.decode()


def test_a_wrong_link_and_a_dead_one_answer_the_same(client):
    intervention = dispatched()
    token = renew_link(intervention, now=NOW)
    end_links(intervention, now=LATER)
    dead, wrong = page_of(client, token), page_of(client, "x" * len(token))
    assert dead.status_code == wrong.status_code == 404
    assert words(dead) == words(wrong)


def test_its_token_is_in_no_log(client, caplog):
    token = renew_link(dispatched(), now=NOW)
    with caplog.at_level(logging.INFO):
        page_of(client, token)
        page_of(client, token + "x")
    said = " ".join(str(vars(record)) for record in caplog.records)
    assert "/p/…/" in said
    assert token not in said


def test_its_token_is_in_no_log_when_the_page_fails(client, caplog):
    token = renew_link(dispatched(), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE interventions_providerlink RENAME TO gone")
    client.raise_request_exception = False
    assert page_of(client, token).status_code == 500
    said = " ".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "Internal Server Error: /p/…/" in said
    assert token not in said
