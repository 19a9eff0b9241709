"""Who a caller speaks for is told that we were given their name."""

import pytest

from callcenter import calls
from privacy.models import ThirdPartyNotice
from tests.factories import NOW, AnsweredCallFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return UserFactory()


def test_calling_for_somebody_makes_a_task(agent):
    call, person = AnsweredCallFactory(agent=agent), PersonFactory()
    calls.identify(call, caller=PersonFactory(), on_behalf_of=None, relation="", by=agent)
    assert not ThirdPartyNotice.objects.exists()
    calls.identify(call, caller=call.caller, on_behalf_of=person, relation="relative", by=agent)
    notice = ThirdPartyNotice.objects.waiting().get()
    assert (notice.person, notice.learned_at, notice.source_id) == (person, NOW, call.pk)


def test_it_is_for_whom_the_call_was_really_about(agent):
    call, mistaken, meant = AnsweredCallFactory(agent=agent), PersonFactory(), PersonFactory()
    for person in (mistaken, meant):
        calls.identify(call, caller=None, on_behalf_of=person, relation="relative", by=agent)
    assert ThirdPartyNotice.objects.waiting().get().person == meant
    calls.identify(call, caller=None, on_behalf_of=None, relation="", by=agent)
    assert not ThirdPartyNotice.objects.waiting().exists()


def test_they_are_told_when_they_call_themselves_and_hear_the_notice(agent):
    person = PersonFactory()
    first = AnsweredCallFactory(agent=agent)
    calls.identify(first, caller=None, on_behalf_of=person, relation="relative", by=agent)
    colleague = UserFactory()
    call = AnsweredCallFactory(agent=colleague)
    calls.identify(call, caller=person, on_behalf_of=None, relation="", by=colleague)
    assert ThirdPartyNotice.objects.waiting().exists()
    calls.give_notice(call, by=colleague, now=NOW)
    notice = ThirdPartyNotice.objects.get()
    assert (notice.told_at, notice.told_how, notice.handled_by) == (NOW, "call", colleague)
