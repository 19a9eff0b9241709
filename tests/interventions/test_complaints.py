from datetime import timedelta

import pytest

from interventions.complaints import (
    CLOSED_AFTER,
    AlreadyAnswered,
    ComplaintError,
    close_silent,
    give_final_answer,
    open_complaint,
    write_message,
)
from interventions.models import Complaint, ComplaintMessage
from privacy.registry import registry
from privacy.retention.due import due_rows
from tests.concurrency import meanwhile
from tests.factories import NOW, InterventionFactory, LandlordFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def complained(**details):
    intervention = details.pop("intervention", None)
    landlord = intervention.landlord if intervention else LandlordFactory()
    said = {"landlord": landlord, "subject": "Retard", "text": "Quatre heures de retard.", "now": NOW} | details
    return open_complaint(PersonFactory(), intervention=intervention, **said)


def test_it_opens_with_the_persons_own_words():
    intervention = InterventionFactory()
    complaint = complained(intervention=intervention)
    complaint.refresh_from_db()
    assert (complaint.opened_at, complaint.last_exchange_at, complaint.answered_at) == (NOW, NOW, None)
    assert (complaint.intervention, complaint.landlord) == (intervention, intervention.landlord)
    message = complaint.messages.get()
    assert (message.author, message.text, message.at) == (None, "Quatre heures de retard.", NOW)


def test_an_intervention_of_another_landlord_is_refused():
    with pytest.raises(ComplaintError, match="autre bailleur"):
        complained(intervention=InterventionFactory(), landlord=LandlordFactory())
    assert not Complaint.objects.exists()


def test_each_word_moves_the_last_exchange_and_the_answer_ends_it():
    complaint, agent = complained(), UserFactory()
    write_message(complaint, text="Bien reçu.", by=agent, now=NOW + DAY)
    complaint.refresh_from_db()
    assert (complaint.last_exchange_at, complaint.answered_at) == (NOW + DAY, None)

    give_final_answer(complaint, text="Le retard est reconnu.", by=agent, now=NOW + 2 * DAY)
    complaint.refresh_from_db()
    assert complaint.answered_at == complaint.last_exchange_at == NOW + 2 * DAY
    assert [message.author for message in complaint.messages.all()] == [None, agent, agent]


def test_nothing_restarts_its_clock():
    complaint, agent = complained(), UserFactory()
    give_final_answer(complaint, text="Le retard est reconnu.", by=agent, now=NOW)
    for act in (write_message, give_final_answer):
        with pytest.raises(AlreadyAnswered, match="ouvrez-en une nouvelle"):
            act(complaint, text="Encore.", by=agent, now=NOW + DAY)
    complaint.refresh_from_db()
    assert complaint.answered_at == complaint.last_exchange_at == NOW
    assert complaint.messages.count() == 2


def test_sixty_days_of_silence_end_it_on_the_sixtieth_however_late_that_is_seen():
    silent, talking = complained(), complained()
    write_message(talking, text="Et alors ?", by=None, now=NOW + DAY)
    assert close_silent(now=NOW + CLOSED_AFTER - timedelta(seconds=1)) == 0
    assert close_silent(now=NOW + CLOSED_AFTER + timedelta(hours=3)) == 1
    silent.refresh_from_db()
    talking.refresh_from_db()
    assert (silent.answered_at, talking.answered_at) == (NOW + CLOSED_AFTER, None)
    assert close_silent(now=NOW + CLOSED_AFTER + timedelta(hours=4)) == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_final_answers_at_the_same_instant_one_is_given():
    complaint, agent = complained(), UserFactory()
    told = meanwhile(
        lambda: give_final_answer(complaint, text="Oui.", by=agent, now=NOW),
        lambda: give_final_answer(complaint, text="Non.", by=agent, now=NOW),
    )
    assert isinstance(told, AlreadyAnswered)
    assert [message.text for message in ComplaintMessage.objects.filter(author=agent)] == ["Oui."]


def test_its_retention_starts_with_its_answer():
    [rule] = [rule for rule in registry.rules() if rule.key == "complaints:interventions.complaint"]
    answered, open_one = complained(), complained()
    give_final_answer(answered, text="Le retard est reconnu.", by=UserFactory(), now=NOW)
    late = NOW + timedelta(days=440)  # more than fourteen months
    assert list(due_rows(rule, registry=registry, now=late)) == [answered]
    assert list(due_rows(rule, registry=registry, now=NOW + timedelta(days=420))) == []
    assert open_one.answered_at is None
