"""Personal links: one purpose each, living as long as it needs, taken back at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Person
from accounts.roles import Role
from interventions.models import PersonalLink
from interventions.personal_links import REPORT_WITHIN, find_link, issue_link, revoke_links
from tests.factories import NOW, InterventionFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

Purpose = PersonalLink.Purpose


def test_a_link_lives_until_its_end():
    token = issue_link(PersonFactory(), purpose=Purpose.REPORT, by=None, now=NOW)
    assert find_link(token, now=NOW + REPORT_WITHIN - timedelta(seconds=1)) is not None
    assert find_link(token, now=NOW + REPORT_WITHIN) is None
    assert find_link(token + "x", now=NOW) is None


def test_a_revoked_link_is_dead_and_its_page_with_it(client):
    person = PersonFactory()
    token = issue_link(person, purpose=Purpose.REPORT, by=None, now=timezone.now())
    client.post(f"/portail/lien/{token}/")
    assert client.get("/portail/").status_code == 200
    assert revoke_links(person, now=timezone.now()) == 1
    assert client.get(f"/portail/lien/{token}/").status_code == 404
    assert client.get("/portail/").status_code == 302


def test_looking_at_a_link_opens_nothing(client):
    token = issue_link(PersonFactory(), purpose=Purpose.REPORT, by=None, now=timezone.now())
    assert client.get(f"/portail/lien/{token}/").status_code == 200
    assert client.get("/portail/").status_code == 302


def test_a_link_signs_out_whoever_was_signed_in(client):
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    intervention = InterventionFactory()
    token = issue_link(PersonFactory(), purpose=Purpose.FOLLOW, intervention=intervention, by=None, now=timezone.now())
    client.post(f"/portail/lien/{token}/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.TENANT}))
def test_the_portal_is_for_tenants(client, role):
    client.force_login(UserFactory(role=role))
    assert client.get("/portail/").status_code == 403


def test_the_portal_speaks_the_language_chosen_else_the_persons_else_the_browsers(client):
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory(language="en")))
    page = client.get("/portail/", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="en">' in page
    Person.objects.update(language="fr")
    assert '<html lang="en">' in client.get("/portail/", headers={"accept-language": "en"}).content.decode()
    client.post("/langue/", {"language": "fr", "next": "/portail/"})
    assert '<html lang="fr">' in client.get("/portail/", headers={"accept-language": "en"}).content.decode()


def test_the_console_stays_in_french(client):
    client.force_login(UserFactory())
    assert '<html lang="fr">' in client.get("/console/", headers={"accept-language": "en"}).content.decode()
