"""What a manager is shown of the estate: never a name without consent or need, never another's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.roles import Role
from interventions.lifecycle import advance
from interventions.models import Status
from privacy import consent
from privacy.models import Disclosure, JournalEntry, Restriction
from privacy.policy import RECIPIENTS
from privacy.rights import restriction
from tests.factories import InterventionFactory, LandlordFactory, ResidenceFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = "/bailleur/interventions/"
HIDDEN = ("Delmotte", "DELMOTTE", "06 12 34 56 78", "+33612345678", "peur du noir", "voisine", "Nadia", "Benali")
LANDLORDS = next(recipient for recipient in RECIPIENTS if recipient.key == "landlords")


def page_of(client, address, status=200):
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def sheet(intervention):
    return f"{LIST}{intervention.pk}/"


def needs(client, intervention, why="access"):
    return client.post(f"{sheet(intervention)}personne/", {"why": why})


def test_what_is_followed_says_where_and_when_and_nobody(client, job):
    for address in (LIST, sheet(job)):
        page = page_of(client, address)
        assert job.reference in page
        assert "Les Tilleuls" in page
        assert "Étage 3, porte 12" in page
        assert "Acceptée" in page
        assert [word for word in HIDDEN if word in page] == []


def test_what_was_handed_over_is_on_the_register_once(client, job, tenant, manager, landlord):
    for _ in range(2):
        page_of(client, LIST)
        page_of(client, sheet(job))

    given = Disclosure.objects.get()
    assert (given.person, given.by, given.recipient_kind) == (tenant, manager, "landlords")
    assert (given.recipient_model, given.recipient_id) == ("interventions.Landlord", landlord.pk)
    assert given.purpose == "interventions"
    assert given.fields == sorted(
        ["adresse", "avancement", "heure promise", "heures des étapes", "logement", "problème", "référence"]
    )


def test_the_name_is_told_where_the_person_agreed(client, job, tenant):
    assert "DELMOTTE" not in page_of(client, sheet(job))
    consent.give(tenant, purpose="handing_identity", channel="portal", by=None, now=timezone.now())

    page = page_of(client, sheet(job))

    assert "DELMOTTE Éléonore" in page
    assert "06 12 34 56 78" in page
    assert "06 99 99 99 99" not in page  # a relative's is not theirs to give
    given = Disclosure.objects.get(purpose="handing_identity")
    assert given.fields == ["nom", "téléphones"]
    assert "DELMOTTE" not in page_of(client, LIST)

    consent.withdraw(tenant, purpose="handing_identity", channel="portal", by=None, now=timezone.now())
    assert "DELMOTTE" not in page_of(client, sheet(job))


def test_the_name_is_told_where_the_follow_up_needs_it_with_its_reason(client, job, tenant, manager):
    response = needs(client, job)

    assert response.url == sheet(job)
    assert "DELMOTTE Éléonore" in page_of(client, sheet(job))
    given = Disclosure.objects.get(fields__contains=["nom"])
    assert (given.person, given.by, given.purpose) == (tenant, manager, "interventions")
    noted = JournalEntry.objects.get(action="person_needed")
    assert (noted.actor, noted.object_id, noted.details) == (manager, job.pk, {"why": "access"})
    assert JournalEntry.objects.filter(action="read", model="accounts.Person", object_id=tenant.pk).exists()


def test_it_is_told_to_whom_needed_it_and_no_colleague(client, client_factory, job, landlord):
    needs(client, job)
    colleague = UserFactory(role=Role.LANDLORD_MANAGER)
    landlord.managers.add(colleague)
    other = client_factory()
    other.force_login(colleague)

    assert "DELMOTTE" in page_of(client, sheet(job))
    assert "DELMOTTE" not in page_of(other, sheet(job))


def test_a_need_without_a_reason_of_the_list_tells_nothing(client, job):
    for why in ("", "curiosity"):
        response = needs(client, job, why)
        assert response.status_code == 422
        assert "DELMOTTE" not in response.content.decode()
    assert not Disclosure.objects.filter(fields__contains=["nom"]).exists()


def test_it_ends_with_the_intervention(client, job):
    needs(client, job)
    assert "DELMOTTE" in page_of(client, sheet(job))
    advance(job, to=Status.CLOSED, by=UserFactory(), now=timezone.now(), version=job.version, reason="Réparé.")

    assert "DELMOTTE" not in page_of(client, sheet(job))
    needs(client, job)
    assert "DELMOTTE" not in page_of(client, sheet(job))
    assert not Disclosure.objects.filter(ended_at=None).exists()


def test_an_intervention_of_people_under_restriction_is_not_there(client, job, tenant):
    needs(client, job)
    assert job.reference in page_of(client, LIST)
    restriction.begin(tenant, reason=Restriction.Reason.ACCURACY, by=UserFactory(role=Role.DPO), now=timezone.now())

    assert job.reference not in page_of(client, LIST)
    page_of(client, sheet(job), status=404)
    assert needs(client, job).status_code == 404


def test_what_is_due_for_deletion_is_not_shown_any_more(client, job):
    ended = InterventionFactory(
        residence=job.residence, status=Status.CLOSED, opened_at=timezone.now() - timedelta(days=300)
    )
    assert ended.reference in page_of(client, LIST)
    type(ended).objects.filter(pk=ended.pk).update(closed_at=timezone.now() - timedelta(days=440))

    assert ended.reference not in page_of(client, LIST)
    page_of(client, sheet(ended), status=404)


def test_another_landlords_is_not_there(client, job, elsewhere):
    assert job.reference in page_of(client, LIST)
    for address in (LIST, "/bailleur/", "/bailleur/residences/", f"{LIST}export.csv"):
        response = client.get(address)
        page = (b"".join(response) if response.streaming else response.content).decode()
        assert elsewhere.reference not in page
        assert "Les Peupliers" not in page
    page_of(client, sheet(elsewhere), status=404)
    assert needs(client, elsewhere).status_code == 404
    page_of(client, f"/bailleur/chiffres/?bailleur={elsewhere.landlord_id}", status=404)
    page_of(client, f"{LIST}?residence={elsewhere.residence_id}", status=422)
    assert not Disclosure.objects.filter(source_id=elsewhere.pk).exists()


def test_a_manager_without_an_estate_is_told_so(client_factory):
    client = client_factory()
    client.force_login(UserFactory(role=Role.LANDLORD_MANAGER))
    for address in ("/bailleur/", "/bailleur/chiffres/"):
        assert "Aucun patrimoine" in page_of(client, address)
    assert "Aucune intervention" in page_of(client, LIST)


def test_filters_narrow_the_list(client, job, landlord):
    now = timezone.now()
    lift = InterventionFactory(
        residence=ResidenceFactory(landlord=landlord),
        problem_code="lift_down",
        opened_at=now - timedelta(days=40),
        suggested_on_site_by=now - timedelta(days=39),
    )
    ended = InterventionFactory(residence=job.residence, status=Status.CANCELLED, opened_at=now - timedelta(days=3))
    day = f"{timezone.localtime(now - timedelta(days=10)):%Y-%m-%d}"

    def found(asked):
        page = page_of(client, f"{LIST}?{asked}")
        return {each.reference for each in (job, lift, ended) if each.reference in page}

    assert found("") == {job.reference, lift.reference, ended.reference}
    assert found(f"debut={day}") == {job.reference, ended.reference}
    assert found(f"fin={day}") == {lift.reference}
    assert found(f"residence={job.residence_id}") == {job.reference, ended.reference}
    assert found("metier=lift") == {lift.reference}
    assert found("etat=en-retard") == {lift.reference}
    assert found("etat=en-cours") == {job.reference, lift.reference}
    assert found("etat=annulees") == {ended.reference}
    assert "ne répond à ces filtres" in page_of(client, f"{LIST}?metier=gas")


@pytest.mark.parametrize(
    "asked", ["debut=hier", "metier=magie", "etat=x", "residence=0", "debut=2026-03-02&fin=2026-03-01"]
)
def test_filters_that_make_no_sense_are_said_so(client, job, asked):
    page = page_of(client, f"{LIST}?{asked}", status=422)
    assert 'class="errorlist"' in page
    assert client.get(f"{LIST}export.csv?{asked}").status_code == 422


def test_the_list_goes_on_from_page_to_page(client, job):
    InterventionFactory.create_batch(30, residence=job.residence)
    first = page_of(client, LIST + "?etat=en-cours")
    assert "etat=en-cours&amp;page=2" in first
    second = page_of(client, LIST + "?etat=en-cours&page=2")
    assert job.reference in first or job.reference in second
    assert "Page 2 sur 2" in second
    assert "Page 2 sur 2" in page_of(client, LIST + "?page=99")


@pytest.mark.parametrize("rows", [1, 20])
def test_the_pages_cost_the_same_for_any_number_of_rows(client, job, rows, django_assert_max_num_queries):
    InterventionFactory.create_batch(rows, residence=job.residence, occupant=job.occupant)
    for address in ("/bailleur/", LIST, sheet(job), "/bailleur/residences/"):
        with django_assert_max_num_queries(12):
            page_of(client, address)


def test_residences_tell_what_is_open_and_late_in_each(client, job):
    now = timezone.now()
    InterventionFactory(residence=job.residence, suggested_on_site_by=now - timedelta(hours=1))
    page = page_of(client, "/bailleur/residences/")
    assert f'href="{LIST}?residence={job.residence_id}&amp;etat=en-cours">2</a>' in page
    assert "En retard" in page_of(client, "/bailleur/")


def test_a_manager_of_two_landlords_chooses(client, manager, landlord, job):
    second = LandlordFactory(name="Zénith Habitat")
    second.managers.add(manager)
    assert "Habitat du Cambrésis" in page_of(client, "/bailleur/chiffres/")
    assert "Zénith Habitat, interventions terminées" in page_of(client, f"/bailleur/chiffres/?bailleur={second.pk}")


@pytest.mark.parametrize("asked", ["bailleur=x", "bailleur=0", "annee=1999", "annee=x", "bailleur=%C2%B2"])
def test_figures_of_nobody_or_of_no_year_are_not_there(client, landlord, asked):
    page_of(client, f"/bailleur/chiffres/?{asked}", status=404)


def test_no_landlord_is_ever_given_more_than_the_policy_says():
    from interventions import extracts
    from privacy.disclosure import extracts as declared

    fields = {
        extracts.LANDLORD_STATUS: {"reference", "address", "place", "problem", "due", "status", "times"},
        extracts.LANDLORD_IDENTITY: {"name", "phones"},
        extracts.LANDLORD_FOLLOW_UP: {"name", "phones"},
    }
    assert {key: set(declared[key].fields) for key in fields} == fields
    assert set().union(*fields.values()) <= set(LANDLORDS.fields)
