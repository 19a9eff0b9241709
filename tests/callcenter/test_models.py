import pytest

from accounts.roles import Role
from callcenter.models import Call
from tests.factories import CallFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_calls_are_the_desks_and_nobody_elses(role):
    caller = PersonFactory()
    call = CallFactory(caller=caller)
    own = UserFactory(role=role, person=caller)
    assert list(Call.objects.visible_to(own)) == ([call] if role in (Role.AGENT, Role.SUPERVISOR) else [])


@pytest.mark.parametrize(
    ("direction", "other"),
    [(Call.Direction.INBOUND, "+33612345678"), (Call.Direction.OUTBOUND, "+33327000010")],
)
def test_the_number_at_the_other_end(direction, other):
    call = CallFactory(direction=direction, from_number="+33612345678", to_number="+33327000010")
    assert call.other_number == other


def test_only_incoming_calls_ring():
    call = CallFactory()
    CallFactory(direction=Call.Direction.OUTBOUND)
    assert list(Call.objects.ringing()) == [call]


def test_what_names_a_call_in_a_log_is_its_id():
    call = CallFactory(from_number="+33699999999")
    assert str(call) == f"appel {call.pk}"
