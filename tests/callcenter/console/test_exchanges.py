"""What tenants write waits on the board; the sheet answers it or puts it aside; complaints wait for their answer."""

from datetime import timedelta

import pytest

from callcenter.board import read_board
from interventions.complaints import give_final_answer, open_complaint
from interventions.following import confirm_appointment, give_up_appointment
from interventions.models import Appointment, Status, TenantMessage
from privacy.models import JournalEntry
from tests.callcenter.console.reading import told, words
from tests.factories import (
    NOW,
    AppointmentFactory,
    ComplaintFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    TenantMessageFactory,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def written(db):
    """A message from the tenant of an intervention."""
    return TenantMessageFactory(intervention__occupant=PersonFactory(), at=NOW - HOUR)


def sheet(message):
    return f"/console/interventions/{message.intervention_id}/"


def waiting(agent):
    return [(row.pk, row.size) for row in read_board(agent, now=NOW).messages]


def test_messages_wait_on_the_board_the_oldest_first_also_of_what_is_closed(agent, written):
    closed = InterventionFactory(status=Status.CLOSED, occupant=PersonFactory())
    TenantMessageFactory(intervention=closed, at=NOW - 2 * HOUR)
    TenantMessageFactory(intervention=written.intervention, at=NOW)
    TenantMessageFactory(author=agent, intervention__occupant=PersonFactory())
    assert waiting(agent) == [(closed.pk, 1), (written.intervention_id, 2)]


def test_a_message_changes_the_board_that_a_page_shows(agent, console, written):
    seen = read_board(agent, now=NOW).fingerprint
    assert console.get("/console/tableau/", {"seen": seen}).status_code == 204
    TenantMessageFactory(intervention=written.intervention)
    assert console.get("/console/tableau/", {"seen": seen}).status_code == 200


def test_a_board_with_a_message_alone_is_not_quiet(agent):
    assert read_board(agent, now=NOW).is_quiet
    TenantMessageFactory(intervention=InterventionFactory(status=Status.CLOSED, occupant=PersonFactory()))
    assert not read_board(agent, now=NOW).is_quiet


def test_an_agent_reads_it_on_the_sheet_and_answers(agent, console, written):
    page = words(console.get(sheet(written)))
    assert "La fuite a repris." in page
    assert "1 sans réponse" in page
    sent = {"text": "Un plombier vient.", "seen": written.pk}
    assert console.post(sheet(written) + "locataire/", sent).url == sheet(written) + "#exchange"
    assert waiting(agent) == []
    page = words(console.get(sheet(written)))
    assert "Nadia Benali Un plombier vient." in page
    assert "sans réponse" not in page
    answer = TenantMessage.objects.get(author=agent)
    assert (answer.person, answer.text) == (written.person, "Un plombier vient.")
    [entry] = JournalEntry.objects.filter(action="change")
    assert (entry.actor_id, entry.object_id, entry.details) == (
        agent.pk,
        written.intervention_id,
        {"act": "answer_tenant"},
    )


def test_it_may_be_put_aside_without_an_answer(agent, console, written):
    later = TenantMessageFactory(intervention=written.intervention)
    console.post(sheet(written) + "locataire/lu/", {"seen": written.pk})
    assert waiting(agent) == [(written.intervention_id, 1)]
    console.post(sheet(written) + "locataire/lu/", {"seen": later.pk})
    assert waiting(agent) == []


@pytest.mark.parametrize("sent", [{"text": ""}, {"text": "x" * 2001}, {"text": "Oui.", "seen": ""}, {"text": "\0"}])
def test_an_answer_that_says_nothing_is_refused(agent, console, written, sent):
    response = console.post(sheet(written) + "locataire/", {"seen": written.pk} | sent)
    assert response.status_code == 302
    assert "Rien n’a été envoyé" in told(response)[0]
    assert waiting(agent) == [(written.intervention_id, 1)]


@pytest.mark.parametrize("seen", ["", "x", "9" * 30, "-1"])
def test_a_number_that_is_none_puts_nothing_aside(agent, console, written, seen):
    assert console.post(sheet(written) + "locataire/lu/", {"seen": seen}).status_code == 302
    assert waiting(agent) == [(written.intervention_id, 1)]


def test_the_sheet_says_whether_the_appointment_is_confirmed(console):
    appointment = AppointmentFactory(intervention__occupant=PersonFactory(), intervention__status=Status.APPOINTMENT)
    intervention = appointment.intervention
    address = f"/console/interventions/{intervention.pk}/"
    assert "pas encore confirmé par le locataire" in words(console.get(address))
    confirm_appointment(intervention, appointment=appointment.pk, now=NOW)
    page = words(console.get(address))
    assert "confirmé par le locataire" in page
    assert "pas encore confirmé" not in page


def test_an_appointment_that_its_tenant_moves_reaches_board_and_thread(agent, console):
    appointment = AppointmentFactory(intervention__occupant=PersonFactory(), intervention__status=Status.APPOINTMENT)
    intervention = appointment.intervention
    give_up_appointment(
        intervention,
        appointment=appointment.pk,
        answered=Appointment.Answer.MOVED,
        person=intervention.occupant,
        words="Plutôt jeudi.",
        now=NOW,
    )
    assert waiting(agent) == [(intervention.pk, 1)]
    page = words(console.get(f"/console/interventions/{intervention.pk}/"))
    assert "Le locataire demande un autre moment" in page
    assert "Plutôt jeudi." in page


# Complaints -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def complaint(db):
    return open_complaint(
        PersonFactory(family_name="Delvaux"),
        landlord=LandlordFactory(),
        subject="Retard",
        text="Quatre heures de retard.",
        intervention=None,
        now=NOW - HOUR,
    )


def address(complaint):
    return f"/console/reclamations/{complaint.pk}/"


def test_open_complaints_are_listed_the_most_pressing_first(console, complaint):
    late = ComplaintFactory(subject="Ascenseur", opened_at=NOW - timedelta(days=31))
    answered = ComplaintFactory(subject="Bruit", opened_at=NOW, answered_at=NOW)
    listed = console.get("/console/reclamations/").content.decode()
    assert listed.index(address(late)) < listed.index(address(complaint))
    assert address(answered) not in listed
    assert "Due il y a" in listed


def test_the_list_has_words_when_nothing_waits(console):
    assert "Aucune réclamation n’attend" in words(console.get("/console/reclamations/"))


def test_an_agent_answers_then_ends_it(agent, console, complaint):
    page = words(console.get(address(complaint)))
    assert "Mme" not in page
    assert "DELVAUX" in page
    assert "Quatre heures de retard." in page
    console.post(address(complaint), {"text": "Nous interrogeons l’entreprise."})
    complaint.refresh_from_db()
    assert complaint.answered_at is None
    console.post(address(complaint), {"text": "Le retard est reconnu.", "final": "1"})
    complaint.refresh_from_db()
    assert complaint.answered_at == complaint.last_exchange_at
    assert [message.author for message in complaint.messages.all()] == [None, agent, agent]
    acts = JournalEntry.objects.filter(action="change", object_id=complaint.pk).order_by("pk")
    assert [entry.details for entry in acts] == [{"act": "write_message"}, {"act": "give_final_answer"}]
    page = words(console.get(address(complaint)))
    assert "Terminée" in page
    assert "Répondre" not in page


def test_who_is_second_is_told_and_keeps_their_words(console, complaint, colleague):
    give_final_answer(complaint, text="Le retard est reconnu.", by=colleague, now=NOW)
    response = console.post(address(complaint), {"text": "Rien à dire.", "final": "1"})
    assert response.status_code == 422
    assert "a eu sa réponse définitive" in words(response)
    assert complaint.messages.count() == 2


def test_reading_one_is_told_to_the_journal(console, complaint):
    console.get(address(complaint))
    read = JournalEntry.objects.filter(action="read").values_list("model", "object_id")
    assert set(read) == {("interventions.Complaint", complaint.pk), ("accounts.Person", complaint.person_id)}
