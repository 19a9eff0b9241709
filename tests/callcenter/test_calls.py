from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from callcenter.calls import (
    AlreadyAnswered,
    CallError,
    OutcomeMissing,
    answer,
    finish,
    give_notice,
    give_up_callback,
    hang_up,
    identify,
    known_callers,
    link_intervention,
    note_recording_answer,
    ring,
    ring_back,
    start,
    take_callback,
)
from callcenter.models import Call, Callback
from callcenter.notices import CURRENT_NOTICE, NOTICES
from interventions.models import DialledNumber
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    AnsweredCallFactory,
    CallbackFactory,
    CallFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    PhoneFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=3)
SOON = NOW + timedelta(hours=1)
Outcome = Call.Outcome
INBOUND, OUTBOUND = Call.Direction.INBOUND, Call.Direction.OUTBOUND


@pytest.fixture
def agent():
    return UserFactory()


@pytest.fixture
def colleague():
    return UserFactory()


def rings(**changes):
    details = {"from_number": "+33612345678", "to_number": "", "external_id": None, "now": NOW}
    return ring(**details | changes)


def ends(call, outcome=Outcome.INFORMATION, *, by=None, promised_at=None, now=LATER):
    return finish(call, outcome=outcome, promised_at=promised_at, by=by or call.agent, now=now)


# It rings -------------------------------------------------------------------------------------------------------------


def test_the_dialled_number_tells_the_landlord():
    landlord = LandlordFactory()
    DialledNumber.objects.create(landlord=landlord, number="+33327000010")
    assert rings(to_number="+33327000010").landlord == landlord
    assert rings(to_number="+33327000099").landlord is None
    assert rings(to_number="").landlord is None


def test_the_same_call_told_twice_is_one():
    first = rings(external_id="pbx-1")
    assert rings(external_id="pbx-1", now=LATER) == first
    assert rings(external_id="pbx-2") != first
    assert Call.objects.get(pk=first.pk).started_at == NOW


def test_calls_without_a_number_of_the_exchange_are_each_their_own():
    assert rings() != rings()


@pytest.mark.django_db(transaction=True)
def test_the_same_call_told_twice_at_the_same_instant_is_one():
    told = meanwhile(lambda: rings(external_id="pbx-1"), lambda: rings(external_id="pbx-1"))
    assert told == Call.objects.get()


def test_whoever_has_that_number_is_shown_but_not_a_merged_record(django_assert_num_queries):
    number = "+33612345678"
    mother, son = (PhoneFactory(number=number).person for _ in range(2))
    PhoneFactory(number=number, person=PersonFactory(merged_into=mother))
    PhoneFactory()
    with django_assert_num_queries(1):
        assert known_callers(number) == [mother, son]
    assert known_callers("") == []


# It is answered -----------------------------------------------------------------------------------------------------


def test_answering_takes_it_and_counts_waiting_and_talking(agent):
    call = answer(rings(), by=agent, now=LATER)
    assert (call.agent, call.answered_at) == (agent, LATER)
    assert call.waiting_time(now=LATER) == timedelta(minutes=3)
    assert call.talking_time(now=LATER + timedelta(minutes=5)) == timedelta(minutes=5)
    assert rings().talking_time(now=LATER) == timedelta()
    assert rings().waiting_time(now=LATER) == timedelta(minutes=3)


def test_what_a_colleague_answered_cannot_be_answered_again(agent, colleague):
    call = rings()
    answer(call, by=colleague, now=LATER)
    with pytest.raises(AlreadyAnswered, match="collègue"):
        answer(call, by=agent, now=LATER)
    call.refresh_from_db()
    assert call.agent == colleague


def test_what_was_hung_up_cannot_be_answered(agent):
    call = rings()
    hang_up(call, now=LATER)
    with pytest.raises(AlreadyAnswered, match="raccroché"):
        answer(call, by=agent, now=LATER)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_answer_at_the_same_instant_one_has_it(agent, colleague):
    call = rings()
    told = meanwhile(lambda: answer(call, by=colleague, now=LATER), lambda: answer(call, by=agent, now=LATER))
    assert isinstance(told, AlreadyAnswered)
    assert Call.objects.get().agent == colleague


@pytest.mark.django_db(transaction=True)
def test_the_caller_hangs_up_while_an_agent_answers(agent):
    call = rings()
    meanwhile(lambda: answer(call, by=agent, now=LATER), lambda: hang_up(call, now=LATER))
    call.refresh_from_db()
    assert (call.agent, call.ended_at, call.outcome) == (agent, LATER, "")
    assert not Callback.objects.exists()


# One outcome before the next call ---------------------------------------------------------------------------------


BEGINNINGS = {
    "answer": lambda by: answer(CallFactory(), by=by, now=LATER),
    "type in": lambda by: start(direction=INBOUND, number="+33327123456", landlord=None, by=by, now=LATER),
    "ring": lambda by: start(direction=OUTBOUND, number="+33327123456", landlord=None, by=by, now=LATER),
    "ring back": lambda by: ring_back(CallbackFactory(), by=by, now=LATER),
}


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)
@pytest.mark.parametrize("hung_up", [False, True])
def test_no_next_call_before_the_former_has_its_outcome(agent, begin, hung_up):
    former = AnsweredCallFactory(agent=agent)
    if hung_up:
        hang_up(former, now=LATER)
    with pytest.raises(OutcomeMissing, match="issue à votre appel précédent") as refusal:
        begin(agent)
    assert refusal.value.unfinished == former
    ends(former)
    assert begin(agent).agent == agent


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)
def test_a_colleagues_unfinished_call_is_no_obstacle(agent, begin):
    AnsweredCallFactory()
    assert begin(agent).agent == agent


@pytest.mark.django_db(transaction=True)
def test_one_agent_in_two_windows_begins_one_call(agent):
    told = meanwhile(lambda: BEGINNINGS["answer"](agent), lambda: BEGINNINGS["type in"](agent))
    assert isinstance(told, OutcomeMissing)
    assert Call.objects.unfinished_by(agent).count() == 1


def test_the_database_holds_an_agent_to_one_unfinished_call(agent):
    AnsweredCallFactory(agent=agent)
    with pytest.raises(IntegrityError, match="call_one_unfinished_an_agent"), transaction.atomic():
        AnsweredCallFactory(agent=agent)
    CallFactory(), CallFactory()  # two that ring are nobody's


# Who, and for whom ------------------------------------------------------------------------------------------------


def told_by_its_agent(call, **said):
    return identify(call, by=call.agent, **{"relation": ""} | said)


def test_who_calls_and_for_whom_are_two_people():
    mother, daughter = PersonFactory(), PersonFactory()
    call = told_by_its_agent(AnsweredCallFactory(), caller=daughter, on_behalf_of=mother, relation="relative")
    call.refresh_from_db()
    assert (call.caller, call.on_behalf_of, call.relation) == (daughter, mother, "relative")
    assert call.concerns == mother


def test_a_call_for_oneself_concerns_the_caller_and_has_no_relation():
    person = PersonFactory()
    call = told_by_its_agent(AnsweredCallFactory(), caller=person, on_behalf_of=None, relation="relative")
    call.refresh_from_db()
    assert (call.concerns, call.relation) == (person, "")


def test_somebody_unknown_may_call_for_a_known_person():
    mother = PersonFactory()
    assert (
        told_by_its_agent(AnsweredCallFactory(), caller=None, on_behalf_of=mother, relation="neighbour").concerns
        == mother
    )


def test_one_and_the_same_is_refused_by_the_code_and_by_the_database():
    person = PersonFactory()
    call = AnsweredCallFactory()
    with pytest.raises(CallError, match="deux personnes différentes"):
        told_by_its_agent(call, caller=person, on_behalf_of=person, relation="relative")
    with pytest.raises(IntegrityError, match="call_two_people"), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(caller=person, on_behalf_of=person)


def test_the_link_between_them_must_be_said():
    with pytest.raises(CallError, match="quel est le lien"):
        told_by_its_agent(AnsweredCallFactory(), caller=PersonFactory(), on_behalf_of=PersonFactory(), relation="")


def test_identifying_may_tell_the_landlord_and_never_takes_it_away():
    landlord = LandlordFactory()
    call = told_by_its_agent(AnsweredCallFactory(), caller=None, on_behalf_of=None, relation="", landlord=landlord)
    assert told_by_its_agent(call, caller=None, on_behalf_of=None).landlord == landlord


# What was said --------------------------------------------------------------------------------------------------------


def test_the_notice_that_was_said_is_kept_by_its_version():
    call = AnsweredCallFactory()
    give_notice(call, by=call.agent, now=LATER)
    call.refresh_from_db()
    assert (call.notice_version, call.notice_at) == (CURRENT_NOTICE, LATER)
    assert "{landlord}" in NOTICES[call.notice_version]


@pytest.mark.parametrize("said", [Call.RecordingAnswer.ACCEPTED, Call.RecordingAnswer.REFUSED])
def test_the_answer_to_being_recorded_is_kept_with_its_moment(said):
    call = AnsweredCallFactory()
    assert call.recording_answer == Call.RecordingAnswer.NOT_ASKED
    note_recording_answer(call, answer=said, by=call.agent, now=LATER)
    call.refresh_from_db()
    assert (call.recording_answer, call.recording_answered_at) == (said, LATER)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"notice_version": "2025-01"}, "call_notice_has_its_time"),
        ({"recording_answer": "accepted"}, "call_recording_answer_has_its_time"),
        ({"answered_at": NOW - timedelta(seconds=1)}, "call_times_in_order"),
        ({"ended_at": NOW - timedelta(seconds=1)}, "call_times_in_order"),
    ],
)
def test_the_database_refuses_half_an_answer_and_times_out_of_order(changes, constraint):
    call = CallFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Call.objects.filter(pk=call.pk).update(**changes)


# It ends --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [given for given in Outcome if given not in (Outcome.CALLBACK, Outcome.INTERVENTION, Outcome.MISSED)],
)
def test_giving_the_outcome_hangs_up(agent, outcome):
    call = ends(AnsweredCallFactory(agent=agent), outcome)
    call.refresh_from_db()
    assert (call.outcome, call.ended_at) == (outcome, LATER)


def test_after_the_line_went_dead_the_outcome_is_still_asked_for(agent):
    call = hang_up(AnsweredCallFactory(agent=agent), now=LATER)
    assert (call.ended_at, call.outcome) == (LATER, "")
    assert Call.objects.unfinished_by(agent).get() == call
    assert ends(call, now=LATER + timedelta(minutes=2)).ended_at == LATER  # the talk ended when the line did


def test_only_its_agent_gives_the_outcome(colleague):
    call = AnsweredCallFactory()
    with pytest.raises(CallError, match="celui d’un collègue"):
        ends(call, by=colleague)
    call.refresh_from_db()
    assert call.outcome == ""


def test_an_outcome_is_given_once(agent):
    call = ends(AnsweredCallFactory(agent=agent))
    with pytest.raises(CallError, match="déjà une issue : renseignement donné"):
        ends(call, Outcome.ABUSIVE)


def test_intervention_opened_needs_an_intervention(agent):
    call, intervention = AnsweredCallFactory(agent=agent), InterventionFactory()
    with pytest.raises(CallError, match="Aucune intervention n’est liée"):
        ends(call, Outcome.INTERVENTION)
    link_intervention(call, intervention=intervention, by=agent)
    done = ends(call, Outcome.INTERVENTION)
    assert (done.intervention, done.landlord) == (intervention, intervention.landlord)


def test_a_call_that_was_answered_is_not_missed(agent):
    call = AnsweredCallFactory(agent=agent)
    with pytest.raises(CallError, match="n’est pas un appel manqué"):
        ends(call, Outcome.MISSED)
    call.refresh_from_db()
    assert (call.outcome, call.ended_at) == ("", None)


ACTS = {
    "identify": lambda call, by: identify(call, caller=PersonFactory(), on_behalf_of=None, relation="", by=by),
    "give_notice": lambda call, by: give_notice(call, by=by, now=LATER),
    "note_recording_answer": lambda call, by: note_recording_answer(
        call, answer=Call.RecordingAnswer.ACCEPTED, by=by, now=LATER
    ),
    "link_intervention": lambda call, by: link_intervention(call, intervention=InterventionFactory(), by=by),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_a_call_is_its_agents_alone(agent, act):
    call = AnsweredCallFactory(agent=agent)
    before = Call.objects.filter(pk=call.pk).values()[0]
    with pytest.raises(CallError, match="celui d’un collègue"):
        act(call, UserFactory())
    assert Call.objects.filter(pk=call.pk).values()[0] == before
    act(call, agent)
    assert Call.objects.filter(pk=call.pk).values()[0] != before


@pytest.mark.parametrize("promised_at", [None, LATER, NOW])
def test_a_callback_is_promised_for_later(agent, promised_at):
    with pytest.raises(CallError, match="promis de rappeler"):
        ends(AnsweredCallFactory(agent=agent), Outcome.CALLBACK, promised_at=promised_at)
    assert not Callback.objects.exists()


def test_who_promises_to_ring_back_owns_it(agent):
    call = ends(AnsweredCallFactory(agent=agent), Outcome.CALLBACK, promised_at=SOON)
    assert (call.callback.owner, call.callback.promised_at, call.callback.done_at) == (agent, SOON, None)


def test_a_missed_call_is_to_ring_back_within_a_quarter_of_an_hour_by_nobody_yet():
    call = hang_up(rings(), now=LATER)
    call.refresh_from_db()
    assert (call.outcome, call.ended_at) == (Outcome.MISSED, LATER)
    assert call.callback.owner is None
    assert call.callback.promised_at == LATER + timedelta(minutes=15)


def test_hanging_up_twice_is_once():
    call = hang_up(rings(), now=LATER)
    hang_up(call, now=SOON)
    call.refresh_from_db()
    assert call.ended_at == LATER
    assert Callback.objects.count() == 1


# Ringing back -------------------------------------------------------------------------------------------------------


def test_ringing_back_is_an_outgoing_call_that_knows_what_the_first_knew(agent):
    landlord, caller, behalf = LandlordFactory(), PersonFactory(), PersonFactory()
    intervention = InterventionFactory()
    missed = CallFactory(
        landlord=landlord, caller=caller, on_behalf_of=behalf, relation="relative", intervention=intervention
    )
    callback = CallbackFactory(call=missed)
    new = ring_back(callback, by=agent, now=LATER)
    new.refresh_from_db()
    assert (new.direction, new.to_number, new.from_number) == (OUTBOUND, missed.from_number, "")
    assert (new.agent, new.answered_at, new.landlord) == (agent, LATER, landlord)
    assert (new.caller, new.on_behalf_of, new.relation) == (caller, behalf, "relative")
    assert new.intervention == intervention
    callback.refresh_from_db()
    assert (callback.done_at, callback.done_by) == (LATER, agent)


def test_a_promise_made_on_an_outgoing_call_can_be_kept(agent):
    outgoing = start(direction=OUTBOUND, number="+33327123456", landlord=None, by=agent, now=NOW)
    ends(outgoing, Outcome.CALLBACK, promised_at=SOON)
    assert ring_back(outgoing.callback, by=agent, now=SOON).to_number == "+33327123456"


def test_a_hidden_number_cannot_be_rung_back_but_given_up(agent):
    callback = hang_up(rings(from_number=""), now=LATER).callback
    with pytest.raises(CallError, match="masqué"):
        ring_back(callback, by=agent, now=LATER)
    give_up_callback(callback, by=agent, now=LATER)
    callback.refresh_from_db()
    assert (callback.done_at, callback.done_by) == (LATER, agent)


def test_what_a_colleague_rang_back_is_done(agent, colleague):
    callback = CallbackFactory()
    ring_back(callback, by=colleague, now=LATER)
    with pytest.raises(CallError, match="déjà rappelé"):
        ring_back(callback, by=agent, now=LATER)
    with pytest.raises(CallError, match="déjà rappelé"):
        take_callback(callback, by=agent, promised_at=SOON)
    give_up_callback(callback, by=agent, now=SOON)
    callback.refresh_from_db()
    assert (callback.done_at, callback.done_by) == (LATER, colleague)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ring_back_at_the_same_instant_one_does(agent, colleague):
    callback = CallbackFactory()
    told = meanwhile(
        lambda: ring_back(callback, by=colleague, now=LATER), lambda: ring_back(callback, by=agent, now=LATER)
    )
    assert isinstance(told, CallError)
    assert Call.objects.get(direction=OUTBOUND).agent == colleague


def test_a_callback_is_taken_with_a_new_promise(agent):
    callback = take_callback(CallbackFactory(), by=agent, promised_at=SOON)
    callback.refresh_from_db()
    assert (callback.owner, callback.promised_at) == (agent, SOON)
