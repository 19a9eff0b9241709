from types import SimpleNamespace

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse

from accounts.access import desk_only, roles_only
from accounts.roles import DOORS, Role


def asked_by(role, guard):
    return guard(lambda request: HttpResponse("vu"))(SimpleNamespace(user=SimpleNamespace(role=role)))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("guard", "allowed"),
    [
        (desk_only, {Role.AGENT, Role.SUPERVISOR}),
        (roles_only(Role.SUPERVISOR), {Role.SUPERVISOR}),
        (roles_only(Role.DPO, Role.TENANT), {Role.DPO, Role.TENANT}),
    ],
)
def test_a_view_is_for_its_roles_and_no_other(guard, allowed, role):
    if role in allowed:
        assert asked_by(role, guard).content == b"vu"
    else:
        with pytest.raises(PermissionDenied):
            asked_by(role, guard)


def test_everyone_with_a_door_has_a_role():
    assert set(DOORS) <= set(Role)
