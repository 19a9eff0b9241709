"""My data: every dataset about the person, in words, until the day it really goes; nothing of anybody else."""

from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import PersonMerge, Phone
from accounts.roles import Role
from callcenter.models import Call, LogEntry, Recording, RecordingKey
from interventions.models import Complaint, FinancialYear, Intervention, Invoice, Status, Tenancy
from privacy import consent
from privacy.registry import registry
from privacy.retention.due import PARIS
from privacy.retention.purge import purge
from privacy.subjects import holdings
from tests.factories import (
    CallFactory,
    CallbackFactory,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    SafetyAlertFactory,
    TenancyFactory,
    TransitionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CANARY = "Canari-Zygomatique"


def tenant(client, **fields):
    person = PersonFactory(**fields)
    client.force_login(UserFactory(role=Role.TENANT, person=person))
    return person


def test_the_page_says_what_why_and_until_when(client):
    person = tenant(client, family_name="Delmotte")
    PhoneFactory(person=person, number="+33612345678")
    intervention = InterventionFactory(
        occupant=person, status=Status.CLOSED, opened_at=timezone.now(), description="La baignoire fuit"
    )
    page = client.get("/portail/mes-donnees/").content.decode()
    assert "Interventions" in page
    assert "Organiser et suivre les interventions" in page
    assert "(contrat)" in page
    day = holdings(person, now=timezone.now())
    assert {holding.dataset.model for holding in day} >= {Intervention, Phone}
    detail = client.get("/portail/mes-donnees/interventions.intervention/").content.decode()
    assert "La baignoire fuit" in detail
    assert "Effacé le" in detail
    assert intervention.reference not in page
    assert (
        "06\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}34\N{NO-BREAK SPACE}56\N{NO-BREAK SPACE}78"
        in client.get("/portail/mes-donnees/accounts.phone/").content.decode()
    )


