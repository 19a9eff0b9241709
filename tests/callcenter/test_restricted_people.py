"""What the desk may do with somebody whose data are restricted: nothing, but for an emergency (GDPR article 18)."""

import io

import pytest
from django.test import Client
from django.urls import reverse

from accounts.merging import merge_people
from accounts.roles import Role
from callcenter import calls, recordings
from callcenter.board import read_board
from callcenter.logbook import write_entry
from callcenter.models import Call, LogEntry, Recording
from callcenter.search import search, suggest
from callcenter.shifts import current_shift, handover_sheet
from interventions.problems import Priority
from privacy import objections
from privacy.models import Restriction
from privacy.restriction import Restricted
from privacy.rights import restriction
from tests.factories import (
    NOW,
    TODAY,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    ComplaintFactory,
    DwellingFactory,
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    TenantMessageFactory,
    UserFactory,
)
from tests.sounds import WAV

pytestmark = pytest.mark.django_db

NAME, NUMBER = "Wzykowska", "+33655443322"


@pytest.fixture
def agent():
    return UserFactory()


@pytest.fixture
def console(agent):
    client = Client()
    client.force_login(agent)
    return client


@pytest.fixture
def person():
    person = PersonFactory(family_name=NAME)
    PhoneFactory(person=person, number=NUMBER)
    TenancyFactory(person=person)
    return person


def lock(person):
    return restriction.begin(person, reason=Restriction.Reason.ACCURACY, by=None, now=NOW)


def found(agent, text):
    return [line.pk for line in search(text, user=agent, on=TODAY).people]


@pytest.mark.parametrize("text", ["wzykow", "Wzikowska", "0655443322", "LOC"])
def test_they_are_in_no_search(agent, person, text):
    asked = person.tenancies.get().reference if text == "LOC" else text
    assert found(agent, asked) == [person.pk]
    lock(person)
    assert found(agent, asked) == []


@pytest.mark.parametrize("text", ["wzy", "cam wzy", "5443322"])
def test_nor_in_what_is_suggested_while_typing(agent, person, text):
    text = "wzykowska" if text == "cam wzy" else text
    assert [line.pk for line in suggest(text, user=agent, on=TODAY)] == [person.pk]
    lock(person)
    assert suggest(text, user=agent, on=TODAY) == []


def test_nor_told_by_the_number_that_rings(person):
    assert calls.known_callers(NUMBER) == [person]
    lock(person)
    assert calls.known_callers(NUMBER) == []


@pytest.mark.parametrize("role", ["occupant", "reported_by"])
def test_their_interventions_leave_the_board_and_the_handover_but_an_emergency_stays(agent, person, role):
    ordinary = InterventionFactory(**{role: person})
    emergency = InterventionFactory(suggested_priority=Priority.EMERGENCY, **{role: person})
    others = InterventionFactory(occupant=PersonFactory())

    def shown():
        board = read_board(agent, now=NOW)
        handed = handover_sheet(current_shift(by=agent, now=NOW), now=NOW).open
        assert {job.pk for section in board.sections for job in section.jobs} == {each.pk for each in handed}
        return {each.pk for each in handed}

    assert shown() == {ordinary.pk, emergency.pk, others.pk}
    lock(person)
    assert shown() == {emergency.pk, others.pk}


def test_their_messages_and_callbacks_leave_the_board(agent, person):
    TenantMessageFactory(intervention=InterventionFactory(occupant=person))
    CallbackFactory(call=CallFactory(caller=person, ended_at=NOW, outcome="missed"))
    board = read_board(agent, now=NOW)
    assert (len(board.messages), len(board.callbacks)) == (1, 1)
    lock(person)
    board = read_board(agent, now=NOW)
    assert (len(board.messages), len(board.callbacks)) == (0, 0)


# Their pages ----------------------------------------------------------------------------------------------------------


def pages(person):
    intervention = InterventionFactory(occupant=person, description=f"Chez {NAME}")
    call = CallFactory(caller=person, answered_at=NOW, ended_at=NOW, outcome="information", agent=UserFactory())
    return {
        "console:person": person.pk,
        "console:intervention": intervention.pk,
        "console:call": call.pk,
    }


@pytest.mark.parametrize("page", ["console:person", "console:intervention", "console:call"])
def test_their_pages_show_a_padlock_the_reason_and_nothing_else(console, person, page):
    path = reverse(page, args=[pages(person)[page]])
    assert NAME.upper() in console.get(path).content.decode()
    lock(person)
    told = console.get(path).content.decode()
    assert "Données sous limitation" in told
    assert "Exactitude contestée" in told
    assert NAME.lower() not in told.lower()
    assert NUMBER[-6:] not in told


def test_what_is_not_there_is_still_not_found(console):
    for page in ("console:person", "console:intervention", "console:call"):
        assert console.get(reverse(page, args=[999_999])).status_code == 404


def test_no_other_page_names_them(console, person):
    dwelling = person.tenancies.get().dwelling
    InterventionFactory(occupant=person, dwelling=dwelling, residence=dwelling.residence)
    paths = [
        reverse("console:dwelling", args=[dwelling.pk]),
        reverse("console:residence", args=[dwelling.residence_id]),
    ]
    for path in paths:
        assert NAME.upper() in console.get(path).content.decode()
    lock(person)
    for path in paths:
        page = console.get(path)
        assert page.status_code == 200
        assert NAME.upper() not in page.content.decode()


@pytest.mark.parametrize("action", ["edit_person", "merge"])
def test_their_record_is_read_only(console, person, action):
    path = reverse(f"console:{action}", args=[person.pk])
    assert console.get(path).status_code == 200
    lock(person)
    assert console.get(path).status_code == 404


@pytest.mark.parametrize(("role", "sees"), [(Role.ADMINISTRATOR, False), (Role.DPO, True)])
def test_in_the_admin_site_only_the_dpo_reads_their_complaints(client, person, role, sees):
    complaint = ComplaintFactory(person=person)
    client.force_login(UserFactory(role=role))
    path = f"/admin/interventions/complaint/{complaint.pk}/change/"
    assert client.get(path).status_code == 200
    lock(person)
    assert (client.get(path).status_code == 200) == sees


def test_the_administrator_does_not_open_their_record(client, person):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    assert NAME in client.get("/admin/accounts/person/").content.decode()
    lock(person)
    assert NAME not in client.get("/admin/accounts/person/").content.decode()
    assert client.get(f"/admin/accounts/person/{person.pk}/change/").status_code == 302


def test_a_past_that_somebody_objects_to_is_not_shown(console, person):
    dwelling = person.tenancies.get().dwelling
    place = {"occupant": person, "dwelling": dwelling, "residence": dwelling.residence}
    over = InterventionFactory(status="closed", **place)
    under_way = InterventionFactory(**place)
    CallFactory(caller=person, answered_at=NOW, ended_at=NOW, outcome="wrong_number", agent=UserFactory())
    paths = [reverse("console:person", args=[person.pk]), reverse("console:dwelling", args=[dwelling.pk])]

    def shown(path):
        page = console.get(path)
        told = {each.pk for each in page.context["interventions"]}
        return told, "Erreur de numéro" in page.content.decode()

    assert shown(paths[0]) == ({over.pk, under_way.pk}, True)
    assert shown(paths[1])[0] == {over.pk, under_way.pk}
    objections.begin(person, purpose="history", request=None, now=NOW)
    assert shown(paths[0]) == ({under_way.pk}, False)
    assert shown(paths[1])[0] == {under_way.pk}


# Writing --------------------------------------------------------------------------------------------------------------


def test_nothing_is_written_on_them(agent, person):
    intervention = InterventionFactory(occupant=person)
    over = CallFactory(caller=person, answered_at=NOW, ended_at=NOW, outcome="information", agent=agent)
    write_entry(intervention, kind=LogEntry.Kind.NOTE, text="Il rappelle.", by=agent, now=NOW)
    lock(person)
    for subject in (intervention, over):
        with pytest.raises(Restricted):
            write_entry(subject, kind=LogEntry.Kind.NOTE, text="Il rappelle.", by=agent, now=NOW)
    with pytest.raises(Restricted):
        merge_people(PersonFactory(), person, by=agent, now=NOW)
    assert LogEntry.objects.count() == 1


def test_a_call_under_way_goes_on_to_its_outcome(agent, console, person):
    call = AnsweredCallFactory(agent=agent, caller=person)
    lock(person)
    assert console.get(reverse("console:call", args=[call.pk])).status_code == 200
    write_entry(call, kind=LogEntry.Kind.NOTE, text="Odeur de gaz.", by=agent, now=NOW)
    calls.finish(call, outcome=Call.Outcome.INFORMATION, promised_at=None, by=agent, now=NOW)
    assert not Call.objects.visible_to(agent).filter(pk=call.pk).exists()


def test_a_page_says_why_it_refuses(agent, console, person):
    call = AnsweredCallFactory(agent=agent)
    lock(person)
    page = console.post(
        reverse("console:identify_caller", args=[call.pk]), {"person": person.pk, "role": "caller", "relation": ""}
    )
    assert page.status_code == 403
    assert "sous limitation" in page.content.decode()


# Recordings -----------------------------------------------------------------------------------------------------------


def recorded(person):
    return AnsweredCallFactory(
        caller=person,
        ended_at=NOW,
        outcome="information",
        recording_answer="accepted",
        recording_answered_at=NOW,
    )


def test_nobody_listens_to_them_but_the_dpo_and_nothing_more_is_recorded(person):
    recording = recordings.store(recorded(person), stream=io.BytesIO(WAV), now=NOW)
    supervisor, dpo = UserFactory(role=Role.SUPERVISOR), UserFactory(role=Role.DPO)
    assert list(Recording.objects.visible_to(supervisor)) == [recording]
    lock(person)
    assert not Recording.objects.visible_to(supervisor).exists()
    assert list(Recording.objects.visible_to(dpo)) == [recording]
    with pytest.raises(recordings.Refused, match="sous limitation"):
        recordings.store(recorded(person), stream=io.BytesIO(WAV), now=NOW)


def test_the_board_asks_no_more_than_before(agent, person, django_assert_num_queries):
    DwellingFactory()
    lock(person)
    with django_assert_num_queries(4):
        read_board(agent, now=NOW)
