import pytest
from django.urls import reverse

from accounts.roles import Role
from tests.factories import AccessCodeFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_code_is_written_in_the_admin_site_and_never_read_there(client):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    code = AccessCodeFactory(code="12A34")
    change = reverse("admin:interventions_accesscode_change", args=[code.pk])
    assert 'name="code"' in client.get(reverse("admin:interventions_accesscode_add")).content.decode()

    page = client.get(change).content.decode()
    assert 'name="label"' in page
    assert 'name="code"' not in page
    assert "12A34" not in page

    client.post(change, {"residence": code.residence_id, "label": "Hall"})
    code.refresh_from_db()
    assert (code.label, code.code) == ("Hall", "12A34")
