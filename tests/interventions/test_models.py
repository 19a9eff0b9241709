from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from interventions.models import (
    DialledNumber,
    Dwelling,
    Incident,
    Instruction,
    Intervention,
    Landlord,
    Residence,
    SafetyAlert,
    Tenancy,
)
from tests.factories import (
    NOW,
    TODAY,
    AccessCodeFactory,
    DwellingFactory,
    IncidentFactory,
    InstructionFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
    SafetyAlertFactory,
    TenancyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

ESTATE = (Landlord, Residence, Dwelling, Tenancy, Incident, Intervention)
DESK = (Role.AGENT, Role.SUPERVISOR)


@pytest.fixture
def street():
    """Two landlords, each with a residence, a dwelling, a tenant, an incident and an intervention."""
    found = []
    for _ in range(2):
        tenancy = TenancyFactory()
        residence = tenancy.dwelling.residence
        rows = {
            Landlord: residence.landlord,
            Residence: residence,
            Dwelling: tenancy.dwelling,
            Tenancy: tenancy,
            Incident: IncidentFactory(residence=residence),
            Intervention: InterventionFactory(residence=residence, dwelling=tenancy.dwelling, occupant=tenancy.person),
        }
        found.append(rows)
    return found


def seen(user):
    return {model: set(model.objects.visible_to(user)) for model in ESTATE}


@pytest.mark.parametrize("role", DESK)
def test_the_desk_sees_all(street, role):
    assert seen(UserFactory(role=role)) == {model: {rows[model] for rows in street} for model in ESTATE}


def test_a_landlords_manager_sees_its_estate_and_no_other(street):
    own, _ = street
    manager = UserFactory(role=Role.LANDLORD_MANAGER)
    assert seen(manager) == {model: set() for model in ESTATE}
    own[Landlord].managers.add(manager)
    assert seen(manager) == {model: {own[model]} for model in ESTATE}


def test_a_tenant_sees_what_is_theirs_and_nothing_of_a_neighbour(street):
    own, _ = street
    neighbour = TenancyFactory(dwelling=DwellingFactory(residence=own[Residence]))
    InterventionFactory(residence=own[Residence], occupant=neighbour.person, reported_by=own[Tenancy].person)
    tenant = UserFactory(role=Role.TENANT, person=own[Tenancy].person)
    assert seen(tenant) == {model: set() for model in ESTATE} | {
        Tenancy: {own[Tenancy]},
        Intervention: {own[Intervention]},
    }


@pytest.mark.parametrize("role", [role for role in Role if role not in DESK])
def test_a_stranger_sees_nothing(street, role):
    InterventionFactory(residence=street[0][Residence], occupant=None)
    assert seen(UserFactory(role=role)) == {model: set() for model in ESTATE}


def test_a_manager_put_on_a_landlord_by_another_role_sees_nothing(street):
    accountant = UserFactory(role=Role.ACCOUNTING)
    street[0][Landlord].managers.add(accountant)
    assert seen(accountant) == {model: set() for model in ESTATE}


# Estate ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (
            lambda: LandlordFactory(contract_from_on=date(2024, 1, 2), contract_until_on=date(2024, 1, 1)),
            "landlord_contract_in_order",
        ),
        (lambda: ResidenceFactory(postcode="5940A"), "residence_postcode"),
        (
            lambda: TenancyFactory(since_on=date(2024, 1, 2), until_on=date(2024, 1, 1)),
            "tenancy_dates_in_order",
        ),
        (lambda: ProviderFactory(number="0327"), "provider_is_e164"),
        (lambda: DialledNumber.objects.create(landlord=LandlordFactory(), number="0327"), "dialled_number_is_e164"),
        (lambda: InstructionFactory(from_time="20:00"), "instruction_hours_are_a_pair"),
        (lambda: InstructionFactory(on_site_minutes=None), "instruction_send_now_says_by_when"),
        (lambda: InstructionFactory(action=Instruction.Action.NOT_OURS), "instruction_not_ours_says_to_whom"),
        (lambda: SafetyAlertFactory(expires_on=TODAY - timedelta(days=11)), "alert_dates_in_order"),
        (lambda: SafetyAlertFactory(residence=None), "alert_is_about_one_thing"),
        (lambda: SafetyAlertFactory(person=PersonFactory()), "alert_is_about_one_thing"),
    ],
)
def test_the_database_refuses(make, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make()


def test_a_residence_names_an_access_once():
    code = AccessCodeFactory()
    AccessCodeFactory()
    with pytest.raises(IntegrityError, match="access_code_label_once"), transaction.atomic():
        AccessCodeFactory(residence=code.residence)


@pytest.mark.parametrize(
    ("parts", "place"),
    [
        ({"staircase": "B", "floor": "3", "door": "12"}, "esc. B, étage 3, porte 12"),
        ({"door": "12"}, "porte 12"),
        ({}, ""),
    ],
)
def test_a_dwelling_is_found_by_what_is_known(parts, place):
    dwelling = DwellingFactory(**parts)
    assert dwelling.place == place
    assert str(dwelling) == (place or dwelling.reference)


def test_a_tenancy_is_current_from_its_first_to_its_last_day():
    tenancy = TenancyFactory(since_on=date(2024, 1, 10), until_on=date(2024, 2, 10))
    still = TenancyFactory(since_on=date(2024, 1, 10))
    on = {day: set(Tenancy.objects.current(on=day)) for day in (date(2024, 1, 9), date(2024, 1, 10))}
    assert on == {date(2024, 1, 9): set(), date(2024, 1, 10): {tenancy, still}}
    assert set(Tenancy.objects.current(on=date(2024, 2, 10))) == {tenancy, still}
    assert set(Tenancy.objects.current(on=date(2024, 2, 11))) == {still}


# Alerts ---------------------------------------------------------------------------------------------------------------


def test_an_alert_holds_from_its_first_to_its_last_day():
    alert = SafetyAlertFactory(starts_on=date(2024, 1, 10), expires_on=date(2024, 1, 12))
    held = [day for day in range(8, 15) if alert in SafetyAlert.objects.active(on=date(2024, 1, day))]
    assert held == [10, 11, 12]


# Interventions --------------------------------------------------------------------------------------------------------


def test_only_what_nobody_has_reached_is_overdue():
    late = InterventionFactory(suggested_on_site_by=NOW - timedelta(minutes=1))
    InterventionFactory(suggested_on_site_by=NOW)
    InterventionFactory(suggested_on_site_by=NOW - timedelta(minutes=1), status="on_site")
    InterventionFactory(suggested_on_site_by=NOW - timedelta(minutes=1), status="closed")
    assert list(Intervention.objects.overdue(now=NOW)) == [late]


def test_it_is_told_on_the_telephone_by_its_reference():
    intervention = InterventionFactory()
    assert intervention.reference == f"I{intervention.pk:06d}" == str(intervention)
    assert list(Intervention.objects.with_reference(intervention.reference)) == [intervention]


def test_without_a_dwelling_it_is_in_the_common_parts():
    assert InterventionFactory().place == "Parties communes"
