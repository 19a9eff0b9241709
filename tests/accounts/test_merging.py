from datetime import timedelta

import pytest
from django.apps import apps
from django.db.models import ForeignKey

from accounts.merging import CannotMerge, CannotUndo, forget_absorbed_people, merge_people, undo_merge
from accounts.models import Person, PersonMerge, Phone
from callcenter.calls import identify
from callcenter.models import Call
from interventions.models import (
    Complaint,
    EmergencyAlert,
    Estimate,
    PersonalLink,
    ReportDraft,
    Subscription,
    SurveyAnswer,
    Tenancy,
)
from privacy import consent, outbox
from privacy.models import (
    Death,
    Disclosure,
    JournalEntry,
    MatchedRecord,
    Objection,
    OneTimeCode,
    PostMortemDirective,
    Restriction,
    RightsRequest,
    ThirdPartyNotice,
)
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    TODAY,
    AnsweredCallFactory,
    CallFactory,
    InterventionFactory,
    InvoiceDraftFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    PhoneFactory,
    SafetyAlertFactory,
    TenancyFactory,
    TenantMessageFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

MAKERS = {
    "accounts.Phone.person": lambda person: PhoneFactory(person=person),
    "accounts.User.person": lambda person: UserFactory(person=person, role="tenant"),
    "interventions.Tenancy.person": lambda person: TenancyFactory(person=person),
    "interventions.SafetyAlert.person": lambda person: SafetyAlertFactory(person=person, residence=None),
    "interventions.Intervention.occupant": lambda person: InterventionFactory(occupant=person),
    "interventions.Intervention.reported_by": lambda person: InterventionFactory(reported_by=person),
    "callcenter.Call.caller": lambda person: CallFactory(caller=person),
    "callcenter.Call.on_behalf_of": lambda person: CallFactory(on_behalf_of=person),
    "interventions.Complaint.person": lambda person: Complaint.objects.create(
        person=person, landlord=LandlordFactory(), subject="Toujours pas d’eau"
    ),
    "interventions.TenantMessage.person": lambda person: TenantMessageFactory(person=person),
    "interventions.SurveyAnswer.person": lambda person: SurveyAnswer.objects.create(
        intervention=InterventionFactory(), person=person, answered_at=NOW, score=5, solved=True
    ),
    "interventions.PersonalLink.person": lambda person: PersonalLink.objects.create(
        person=person, purpose="report", token_hash=f"{person.pk:064}", created_at=NOW, expires_at=NOW
    ),
    "interventions.EmergencyAlert.person": lambda person: EmergencyAlert.objects.create(
        person=person, service="fire", danger="fire", at=NOW, by=UserFactory()
    ),
    "interventions.ReportDraft.person": lambda person: ReportDraft.objects.create(
        person=person, intervention=InterventionFactory(), started_at=NOW, expires_at=NOW
    ),
    "interventions.Subscription.person": lambda person: Subscription.objects.create(
        person=person, landlord=LandlordFactory(), asked_at=NOW
    ),
    "interventions.Invoice.person": lambda person: InvoiceFactory(person=person),
    "interventions.InvoiceDraft.person": lambda person: InvoiceDraftFactory(person=person),
    "interventions.Estimate.person": lambda person: Estimate.objects.create(
        person=person, intervention=InterventionFactory(), prepared_at=NOW, valid_until=TODAY
    ),
    # One in force refuses the merge.
    "privacy.Restriction.person": lambda person: Restriction.objects.create(
        person=person, reason="accuracy", started_at=NOW, started_by=UserFactory(), told_at=NOW, lifted_at=NOW
    ),
    "privacy.Objection.person": lambda person: Objection.objects.create(
        person=person, purpose="polls", state="upheld", made_at=NOW
    ),
    "privacy.Disclosure.person": lambda person: Disclosure.objects.create(
        person=person,
        recipient_kind="trades",
        recipient_name="Plombier",
        fields=["adresse"],
        purpose="providers",
        source_model="interventions.Intervention",
        source_id=1,
        at=NOW,
    ),
    "privacy.PostMortemDirective.person": lambda person: PostMortemDirective.objects.create(
        person=person, wish="keep", written_at=NOW
    ),
    "privacy.Death.person": lambda person: Death.objects.create(
        person=person,
        reported_by="Son fils",
        document="certificate",
        document_dated_on=TODAY,
        seen_at=NOW,
        seen_by=UserFactory(),
    ),
    "privacy.ThirdPartyNotice.person": lambda person: ThirdPartyNotice.objects.create(
        person=person, source_model="callcenter.Call", source_id=1, learned_at=NOW, due_on=TODAY
    ),
    "privacy.RightsRequest.person": lambda person: RightsRequest.objects.create(
        person=person, right="access", received_on=TODAY
    ),
    "privacy.MatchedRecord.person": lambda person: MatchedRecord.objects.create(
        request=RightsRequest.objects.create(person=PersonFactory(), right="access", received_on=TODAY), person=person
    ),
    "privacy.OutgoingMessage.person": lambda person: outbox.send(
        "follow_link", to="lefebvre@exemple.example", person=person, now=NOW
    ),
    "privacy.OneTimeCode.person": lambda person: OneTimeCode.objects.create(
        person=person, purpose="sign_up", code_hash="", issued_at=NOW
    ),
    "privacy.ConsentEvent.person": lambda person: consent.give(
        person, purpose="surveys", channel="letter", by=None, now=NOW
    ),
}
DAY = timedelta(hours=24)


def relations():
    """Read from the models, not from the code under test: hidden relations and those of many-to-many tables too."""
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label == "sample":  # the engine's own tests look after it
            continue
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and field.related_model is Person:
                yield f"{model._meta.label}.{field.name}"


def owner(relation, row):
    row.refresh_from_db()
    return getattr(row, relation.rsplit(".", 1)[1])


@pytest.fixture
def agent():
    return UserFactory()


@pytest.fixture
def pair():
    return PersonFactory(family_name="Lefebvre"), PersonFactory(family_name="Lefevre")


def test_no_relation_to_people_is_forgotten_here():
    own = {"accounts.Person.merged_into", "accounts.PersonMerge.kept", "accounts.PersonMerge.absorbed"}
    assert set(relations()) - own == set(MAKERS)


def test_everything_follows_and_comes_back(pair, agent):
    kept, absorbed = pair
    rows = {relation: make(absorbed) for relation, make in MAKERS.items()}
    others = {relation: make(kept) for relation, make in MAKERS.items() if relation != "accounts.User.person"}

    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    assert {relation: owner(relation, row) for relation, row in rows.items()} == dict.fromkeys(rows, kept)
    absorbed.refresh_from_db()
    assert absorbed.merged_into == kept
    assert absorbed not in Person.objects.current()
    assert kept in Person.objects.current()

    assert undo_merge(merge, by=agent, now=NOW + DAY) == absorbed
    assert {relation: owner(relation, row) for relation, row in rows.items()} == dict.fromkeys(rows, absorbed)
    assert {relation: owner(relation, row) for relation, row in others.items()} == dict.fromkeys(others, kept)
    absorbed.refresh_from_db()
    assert absorbed.merged_into is None
    assert not PersonMerge.objects.exists()


def test_what_came_after_the_merge_stays_with_the_kept_record(pair, agent):
    kept, absorbed = pair
    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    later = CallFactory(caller=kept)
    undo_merge(merge, by=agent, now=NOW)
    assert owner("callcenter.Call.caller", later) == kept


def test_what_was_given_to_somebody_else_since_is_not_taken_back(pair, agent):
    kept, absorbed = pair
    call, third = AnsweredCallFactory(agent=agent, caller=absorbed), PersonFactory()
    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    identify(Call.objects.get(pk=call.pk), caller=third, on_behalf_of=None, relation="", by=agent)
    undo_merge(merge, by=agent, now=NOW)
    assert owner("callcenter.Call.caller", call) == third


def test_a_number_both_have_is_kept_once_and_both_have_it_again_after_undoing(pair, agent):
    kept, absorbed = pair
    for person in pair:
        PhoneFactory(person=person, number="+33327123456")
    PhoneFactory(person=absorbed, number="+33612345678")
    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    assert sorted(kept.phones.values_list("number", flat=True)) == ["+33327123456", "+33612345678"]
    undo_merge(merge, by=agent, now=NOW)
    assert list(kept.phones.values_list("number", flat=True)) == ["+33327123456"]
    assert sorted(absorbed.phones.values_list("number", flat=True)) == ["+33327123456", "+33612345678"]


def test_what_only_the_absorbed_record_said_completes_the_kept_one_until_it_is_undone(agent):
    kept = PersonFactory(given_name="", email="", title="", assistance=["long_ring"])
    absorbed = PersonFactory(given_name="Marie", email="m@exemple.example", title="mrs", assistance=["interpreter"])
    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    kept.refresh_from_db()
    assert (kept.given_name, kept.email, kept.title) == ("Marie", "m@exemple.example", "mrs")
    assert kept.assistance == ["long_ring", "interpreter"]

    undo_merge(merge, by=agent, now=NOW)
    kept.refresh_from_db()
    assert (kept.given_name, kept.email, kept.title, kept.assistance) == ("", "", "", ["long_ring"])


def test_what_the_kept_record_says_itself_stays(agent):
    kept = PersonFactory(given_name="Maria", email="", assistance=["long_ring"])
    absorbed = PersonFactory(given_name="Marie", email="m@exemple.example", assistance=["long_ring"])
    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    Person.objects.filter(pk=kept.pk).update(email="maria@exemple.example")  # corrected since
    undo_merge(merge, by=agent, now=NOW)
    kept.refresh_from_db()
    assert (kept.given_name, kept.email, kept.assistance) == ("Maria", "maria@exemple.example", ["long_ring"])


def test_the_journal_holds_the_act_and_nothing_personal(agent):
    kept = PersonFactory(family_name="Canari", email="canari@exemple.example")
    absorbed = PersonFactory(family_name="Canarri")
    PhoneFactory(person=absorbed, number="+33327999999")
    TenancyFactory(person=absorbed)
    merge = merge_people(kept, absorbed, by=agent, now=NOW)
    undo_merge(merge, by=agent, now=NOW)
    done, undone = JournalEntry.objects.order_by("pk")
    assert (done.action, done.actor, done.object_id) == ("merge", agent, kept.pk)
    assert done.details == {
        "absorbed": absorbed.pk,
        "moved": {"accounts.Phone.person": 1, "interventions.Tenancy.person": 1},
    }
    assert (undone.action, undone.actor, undone.object_id) == ("undo_merge", agent, absorbed.pk)
    assert undone.details == {"kept": kept.pk}


@pytest.mark.parametrize("same", [True, False])
def test_a_record_with_itself_or_one_that_is_gone_is_refused(pair, agent, same):
    kept, absorbed = pair
    if not same:
        Person.objects.filter(pk=absorbed.pk).delete()
    with pytest.raises(CannotMerge, match="deux fiches différentes"):
        merge_people(kept, kept if same else absorbed, by=agent, now=NOW)


def test_two_logins_are_refused(pair, agent):
    for person in pair:
        UserFactory(person=person, role="tenant")
    with pytest.raises(CannotMerge, match="chacune un compte"):
        merge_people(*pair, by=agent, now=NOW)


def test_who_speaks_and_for_whom_are_never_made_one(pair, agent):
    mother, daughter = pair
    call = CallFactory(caller=daughter, on_behalf_of=mother, relation="relative")
    tenancy = TenancyFactory(person=daughter)
    with pytest.raises(CannotMerge, match="l’une y parle pour l’autre"):
        merge_people(mother, daughter, by=agent, now=NOW)
    assert owner("callcenter.Call.caller", call) == daughter
    assert owner("interventions.Tenancy.person", tenancy) == daughter  # nothing half moved
    with pytest.raises(CannotMerge, match="l’une y parle pour l’autre"):
        merge_people(daughter, mother, by=agent, now=NOW)


def test_a_merged_record_is_not_merged_again(pair, agent):
    kept, absorbed = pair
    merge_people(kept, absorbed, by=agent, now=NOW)
    with pytest.raises(CannotMerge, match="déjà été fusionnée"):
        merge_people(PersonFactory(), absorbed, by=agent, now=NOW)
    with pytest.raises(CannotMerge, match="déjà été fusionnée"):
        merge_people(absorbed, PersonFactory(), by=agent, now=NOW)


def test_one_that_absorbed_another_is_not_absorbed_while_that_can_be_undone(pair, agent):
    kept, absorbed = pair
    merge_people(kept, absorbed, by=agent, now=NOW)
    with pytest.raises(CannotMerge, match="absorbé une il y a moins de 24 heures"):
        merge_people(PersonFactory(), kept, by=agent, now=NOW)
    merge_people(kept, PersonFactory(), by=agent, now=NOW)


def test_after_24_hours_it_cannot_be_undone(pair, agent):
    merge = merge_people(*pair, by=agent, now=NOW)
    with pytest.raises(CannotUndo, match="pendant 24 heures"):
        undo_merge(merge, by=agent, now=NOW + DAY + timedelta(seconds=1))
    pair[1].refresh_from_db()
    assert pair[1].merged_into == pair[0]


def test_it_is_undone_once(pair, agent):
    merge = merge_people(*pair, by=agent, now=NOW)
    undo_merge(PersonMerge.objects.get(pk=merge.pk), by=agent, now=NOW)
    with pytest.raises(CannotUndo, match="déjà été annulée"):
        undo_merge(merge, by=agent, now=NOW)


def test_after_24_hours_the_absorbed_record_is_forgotten(pair, agent):
    kept, absorbed = pair
    PhoneFactory(person=kept, number="+33327123456")
    PhoneFactory(person=absorbed, number="+33327123456")
    merge_people(kept, absorbed, by=agent, now=NOW)
    assert forget_absorbed_people(now=NOW + DAY) == 0
    assert Person.objects.filter(pk=absorbed.pk).exists()
    assert forget_absorbed_people(now=NOW + DAY + timedelta(seconds=1)) == 1
    assert not Person.objects.filter(pk=absorbed.pk).exists()
    assert list(Phone.objects.values_list("person", flat=True)) == [kept.pk]
    assert not PersonMerge.objects.exists()


def test_what_a_stale_form_tied_to_the_absorbed_record_follows_before_it_goes(pair, agent):
    kept, absorbed = pair
    merge_people(kept, absorbed, by=agent, now=NOW)
    tenancy, call = TenancyFactory(person=absorbed), CallFactory(caller=absorbed)
    assert forget_absorbed_people(now=NOW + 2 * DAY) == 1
    assert Tenancy.objects.get(pk=tenancy.pk).person == kept
    assert owner("callcenter.Call.caller", call) == kept


def test_one_that_cannot_be_forgotten_does_not_keep_the_others(agent):
    stuck, other = ((PersonFactory(), PersonFactory()) for _ in range(2))
    for kept, absorbed in (stuck, other):
        merge_people(kept, absorbed, by=agent, now=NOW)
    CallFactory(caller=stuck[0], on_behalf_of=stuck[1], relation="relative")
    assert forget_absorbed_people(now=NOW + 2 * DAY) == 1
    assert Person.objects.filter(pk=stuck[1].pk).exists()
    assert not Person.objects.filter(pk=other[1].pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_the_same_pair_at_the_same_instant_one_does():
    one, two = PersonFactory(), PersonFactory()
    first, second = UserFactory(), UserFactory()
    tenancy = TenancyFactory(person=two)
    told = meanwhile(
        lambda: merge_people(one, two, by=first, now=NOW),
        lambda: merge_people(two, one, by=second, now=NOW),  # the other way round
    )
    assert isinstance(told, CannotMerge)
    assert owner("interventions.Tenancy.person", tenancy) == one
    assert PersonMerge.objects.get().merged_by == first
