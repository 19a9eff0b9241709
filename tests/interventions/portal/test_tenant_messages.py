"""Words between a tenant and the desk, from the portal's side."""

from datetime import timedelta

import pytest
import time_machine

from interventions.lifecycle import REOPEN_WITHIN
from interventions.messages import NobodyToWriteTo, put_aside, write_to_desk, write_to_tenant
from interventions.models import Intervention, Status, TenantMessage
from tests.factories import NOW, InterventionFactory, PersonFactory, TenantMessageFactory, UserFactory
from tests.interventions.portal.conftest import signed_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]


@pytest.fixture
def intervention(tenant):
    return InterventionFactory(occupant=tenant, opened_at=NOW - timedelta(days=50))


def address(intervention):
    return f"/portail/demandes/{intervention.pk}/messages/"


def test_a_message_reaches_the_desk_and_keeps_the_intervention_from_falling_asleep(portal, tenant, intervention):
    assert portal.post(address(intervention), {"text": "Ça fuit encore."}).url == address(intervention)
    message = TenantMessage.objects.for_desk().get()
    assert (message.text, message.person, message.author, message.at) == ("Ça fuit encore.", tenant, None, NOW)
    intervention.refresh_from_db()
    assert (intervention.last_event_at, intervention.version) == (NOW, 1)


@pytest.mark.parametrize("text", ["", "   ", "x" * 1501])
def test_nothing_and_too_much_are_refused_and_what_was_typed_is_kept(portal, intervention, text):
    response = portal.post(address(intervention), {"text": text})
    assert response.status_code == 422
    assert text in response.content.decode()
    assert not TenantMessage.objects.exists()


def test_the_same_words_sent_twice_on_a_bad_line_are_one_message(portal, intervention):
    for _ in range(2):
        portal.post(address(intervention), {"text": "Ça fuit encore."})
    assert TenantMessage.objects.count() == 1
    with time_machine.travel(NOW + timedelta(minutes=11)):
        portal.post(address(intervention), {"text": "Ça fuit encore."})
    assert TenantMessage.objects.count() == 2


def test_what_is_new_says_so_until_it_is_opened(portal, intervention):
    write_to_tenant(intervention, text="Un plombier passe demain.", by=UserFactory(full_name="Nadia Benali"), now=NOW)
    assert "1 nouveau message" in portal.get("/portail/").content.decode()
    told = portal.get(address(intervention)).content.decode()
    assert "Un plombier passe demain." in told
    assert "Nadia Benali" not in told
    assert "1 nouveau message" not in portal.get("/portail/").content.decode()


def test_an_exchange_with_who_lived_there_before_is_not_shown_to_who_lives_there_now(portal, tenant, intervention):
    TenantMessageFactory(intervention=intervention, person=PersonFactory(), text="Je pars en cure.")
    TenantMessageFactory(intervention=intervention, text="Ça fuit encore.")
    told = portal.get(address(intervention)).content.decode()
    assert "Ça fuit encore." in told
    assert "Je pars en cure." not in told


def test_thirty_days_after_the_end_one_can_read_and_no_longer_write(portal, tenant):
    ended = NOW - REOPEN_WITHIN - timedelta(seconds=1)
    closed = InterventionFactory(occupant=tenant, status=Status.CLOSED, opened_at=ended)
    TenantMessageFactory(intervention=closed, at=ended, text="Merci.")
    told = portal.get(address(closed)).content.decode()
    assert "Merci." in told
    assert "<textarea" not in told
    portal.post(address(closed), {"text": "Encore une fuite."})
    assert TenantMessage.objects.get().text == "Merci."


def test_who_reported_common_parts_is_who_the_desk_writes_to(tenant):
    common = InterventionFactory(occupant=None, reported_by=tenant)
    write_to_tenant(common, text="La lampe est commandée.", by=UserFactory(), now=NOW)
    assert "La lampe est commandée." in signed_in_as(tenant).get(address(common)).content.decode()


def test_there_is_nobody_to_write_to_about_what_nobody_reported():
    with pytest.raises(NobodyToWriteTo):
        write_to_tenant(InterventionFactory(occupant=None), text="Bonjour", by=UserFactory(), now=NOW)


def test_an_answer_answers_what_its_author_has_read_and_nothing_later(tenant, intervention):
    read = write_to_desk(intervention, person=tenant, text="Ça fuit.", now=NOW)
    later = write_to_desk(intervention, person=tenant, text="Et ça coule chez le voisin !", now=NOW)
    write_to_tenant(intervention, text="Un plombier vient.", by=UserFactory(), now=NOW, seen=read.pk)
    assert list(TenantMessage.objects.for_desk()) == [later]
    assert put_aside(intervention, seen=later.pk, now=NOW) == 1
    assert not TenantMessage.objects.for_desk().exists()


def test_messages_go_with_their_intervention(intervention):
    TenantMessageFactory(intervention=intervention)
    Intervention.objects.filter(pk=intervention.pk)._raw_delete("default")
    assert not TenantMessage.objects.exists()
