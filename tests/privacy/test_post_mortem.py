"""What a person said about their data after their death is kept, and done; without it, heirs have three grounds."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.roles import Role
from privacy import outbox
from privacy.addresses import addresses_of
from privacy.encrypted_files import clear_pieces
from privacy.models import (
    Death,
    Erasure,
    ExportPackage,
    JournalEntry,
    MatchedRecord,
    OutgoingMessage,
    PostMortemDirective,
    Restriction,
    RightsRequest,
)
from privacy.outbox.sending import deliver
from privacy.restriction import is_restricted
from privacy.retention.purge import purge
from privacy.rights import packages, post_mortem, workflow
from privacy.rights.erasure import StillRestricted
from privacy.rights.post_mortem import AfterDeath, DirectiveError, Wish
from privacy.rights.workflow import RequestError
from tests.factories import (
    NOW,
    TODAY,
    ComplaintFactory,
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

CANARY = "Canari-Zygomatique"
EXECUTOR = "executrice@exemple.example"
DATA = "interventions.Intervention"


@pytest.fixture
def dpo(client):
    user = UserFactory(role=Role.DPO)
    client.force_login(user)
    return user


@pytest.fixture
def person():
    found = PersonFactory(family_name=CANARY, email="canari@exemple.example")
    PhoneFactory(person=found, number="+33612345678")
    InterventionFactory(occupant=found, description=f"Fuite chez {CANARY}")
    return found


def asked(person, *, requester="heir", outcome="granted", by=None, reply_to="heritier@exemple.example", now=NOW):
    request = workflow.receive(
        person,
        right="post_mortem",
        channel="letter",
        received_on=timezone.localdate(now),
        requester=requester,
        requester_name="Claude Héritier" if requester != "self" else "",
        reply_to=reply_to if requester != "self" else "",
        identity=RightsRequest.Identity.KNOWN,
        by=None,
        now=now,
    )
    if by is not None:
        workflow.decide(request, outcome=outcome, ground="heirs" if outcome == "refused" else "", by=by, now=now)
    return request


def proven(request, *, by, now=NOW):
    return post_mortem.prove_death(
        request,
        reported_by="Claude Héritier, son fils",
        document="certificate",
        document_dated_on=TODAY,
        by=by,
        now=now,
    )


def hand_over(person, *, now=NOW):
    return post_mortem.record(
        person,
        wish=Wish.HAND_OVER,
        datasets=[DATA],
        executor_name="Dominique Exécutrice",
        executor_contact=EXECUTOR,
        by=None,
        now=now,
    )


# Directives -----------------------------------------------------------------------------------------------------------


def test_the_last_version_counts_and_all_stay(person):
    assert post_mortem.in_force(person) is None
    post_mortem.record(person, wish=Wish.ERASE, by=None, now=NOW)
    changed = hand_over(person, now=NOW + timedelta(days=1))
    assert post_mortem.in_force(person) == changed
    post_mortem.revoke(person, by=None, now=NOW + timedelta(days=2))
    assert post_mortem.in_force(person) is None
    assert [version.wish for version in post_mortem.history(person)] == ["revoked", "hand_over", "erase"]


def test_the_same_said_twice_is_one_version(person):
    assert hand_over(person) == hand_over(person, now=NOW + timedelta(minutes=1))
    assert len(post_mortem.history(person)) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"wish": "hand_over", "executor_name": "D.", "executor_contact": EXECUTOR},
        {"wish": "hand_over", "datasets": ["interventions.Invoice"], "executor_name": "D.", "executor_contact": "x"},
        {"wish": "hand_over", "datasets": ["nothing"], "executor_name": "D.", "executor_contact": EXECUTOR},
        {"wish": "hand_over", "datasets": [DATA], "executor_name": " ", "executor_contact": EXECUTOR},
        {"wish": "hand_over", "datasets": [DATA], "executor_name": "D."},
        {"wish": "erase", "executor_name": "D."},
    ],
)
def test_a_directive_says_enough(person, said):
    with pytest.raises(DirectiveError):
        post_mortem.record(person, **said, by=None, now=NOW)
    assert not PostMortemDirective.objects.exists()


def test_there_is_nothing_to_revoke_before(person):
    with pytest.raises(DirectiveError):
        post_mortem.revoke(person, by=None, now=NOW)


def test_the_database_keeps_versions_as_they_are(person):
    directive = hand_over(person)
    for rewrite in (
        lambda: PostMortemDirective.objects.filter(pk=directive.pk).update(executor_name="Un autre"),
        lambda: PostMortemDirective.objects.filter(pk=directive.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rewrite()


def test_what_was_replaced_goes_after_five_years_and_what_counts_stays(person):
    UserFactory(person=person, role=Role.TENANT)  # so that the person stays too
    post_mortem.record(person, wish=Wish.ERASE, by=None, now=NOW)
    kept = hand_over(person, now=NOW + timedelta(days=400))
    purge(now=NOW + timedelta(days=400 + 5 * 365), commit=True)
    assert PostMortemDirective.objects.count() == 2
    purge(now=NOW + timedelta(days=400 + 5 * 366), commit=True)
    assert list(PostMortemDirective.objects.all()) == [kept]


def test_staff_writes_it_down_in_the_journal_without_a_name(person, dpo):
    post_mortem.record(person, wish=Wish.KEEP, executor_name=CANARY, executor_contact=EXECUTOR, by=dpo, now=NOW)
    entry = JournalEntry.objects.get(action="write_directive")
    assert entry.actor_id == dpo.pk
    assert CANARY not in str(entry.details)


# The death ------------------------------------------------------------------------------------------------------------


def test_a_proven_death_stops_everything_for_all_records(person, dpo, django_capture_on_commit_callbacks):
    login, also = UserFactory(person=person, role=Role.TENANT), PersonFactory()
    waiting = outbox.send("follow_link", to="canari@exemple.example", person=person, now=NOW)
    request = asked(person)
    MatchedRecord.objects.create(request=request, person=also)
    assert addresses_of(person)
    with django_capture_on_commit_callbacks(execute=True):
        deaths = proven(request, by=dpo)
    assert {death.person_id for death in deaths} == {person.pk, also.pk}
    assert is_restricted(person)
    assert is_restricted(also)
    login.refresh_from_db()
    assert (login.is_active, login.person) == (False, None)
    deliver(waiting.pk, now=NOW)
    later = outbox.send("follow_link", to="canari@exemple.example", person=person, now=NOW)
    deliver(later.pk, now=NOW)
    assert mail.outbox == []
    assert not OutgoingMessage.objects.filter(given_up_at=None).exists()
    assert addresses_of(person) == []


def test_nothing_of_the_document_is_kept_but_its_kind_and_date(person, dpo):
    proven(asked(person), by=dpo)
    death = Death.objects.get()
    assert (death.document, death.document_dated_on, death.seen_by) == ("certificate", TODAY, dpo)
    assert not [field for field in Death._meta.get_fields() if field.get_internal_type() == "FileField"]


@pytest.mark.parametrize(
    "said",
    [
        {"reported_by": " "},
        {"document_dated_on": TODAY + timedelta(days=1)},
        {"died_on": TODAY + timedelta(days=1)},
        {"died_on": TODAY, "document_dated_on": TODAY - timedelta(days=1)},
    ],
)
def test_a_death_is_not_noted_on_nonsense(person, dpo, said):
    usual = {"reported_by": "Son fils", "document": "certificate", "document_dated_on": TODAY}
    with pytest.raises(RequestError):
        post_mortem.prove_death(asked(person), **{**usual, **said}, by=dpo, now=NOW)
    assert not is_restricted(person)


def test_a_death_is_noted_once_and_for_a_request_about_somebody_else(person, dpo):
    with pytest.raises(RequestError):
        proven(asked(person, requester="self"), by=dpo)
    RightsRequest.objects.all().delete()
    request = asked(person)
    proven(request, by=dpo)
    with pytest.raises(RequestError, match="déjà établi"):
        proven(request, by=dpo)


def test_the_dead_change_no_directive(person, dpo):
    post_mortem.record(person, wish=Wish.ERASE, by=None, now=NOW)
    proven(asked(person), by=dpo)
    with pytest.raises(DirectiveError):
        post_mortem.revoke(person, by=None, now=NOW)


def test_a_mistake_is_taken_back_with_its_reason(person, dpo):
    request = asked(person)
    proven(request, by=dpo)
    with pytest.raises(RequestError):
        post_mortem.retract_death(request, reason=" ", by=dpo, now=NOW)
    assert is_restricted(person)
    post_mortem.retract_death(request, reason="Un homonyme.", by=dpo, now=NOW)
    assert not is_restricted(person)
    assert addresses_of(person)


# What is done ---------------------------------------------------------------------------------------------------------


def test_directives_come_before_the_grounds_of_heirs(person, dpo):
    hand_over(person)
    request = asked(person, by=dpo)
    with pytest.raises(RequestError, match="Établissez"):
        post_mortem.choose(request, course=AfterDeath.DIRECTIVE, by=dpo, now=NOW)
    proven(request, by=dpo)
    for course in (AfterDeath.ESTATE, AfterDeath.GOODS, AfterDeath.DEATH, "", "whatever"):
        with pytest.raises(RequestError, match="que la loi prévoit"):
            post_mortem.choose(request, course=course, datasets=[DATA], by=dpo, now=NOW)
    assert [course.key for course in post_mortem.plan(request, now=NOW).courses] == ["directive"]


def test_without_directives_heirs_have_three_grounds(person, dpo):
    request = asked(person, by=dpo)
    proven(request, by=dpo)
    assert [course.key for course in post_mortem.plan(request, now=NOW).courses] == ["estate", "goods", "death"]
    with pytest.raises(RequestError):
        post_mortem.choose(request, course=AfterDeath.DIRECTIVE, by=dpo, now=NOW)
    with pytest.raises(RequestError, match="Choisissez"):
        post_mortem.execute(request, by=dpo, now=NOW)


def test_to_have_the_death_recorded_closes_the_account_and_lets_the_data_go_to_their_end(person, dpo):
    request = asked(person, by=dpo)
    proven(request, by=dpo)
    post_mortem.choose(request, course=AfterDeath.DEATH, by=dpo, now=NOW)
    post_mortem.execute(request, by=dpo, now=NOW)
    request.refresh_from_db()
    assert request.executed_at == NOW
    assert not is_restricted(person)
    assert addresses_of(person) == []  # nobody writes to the dead all the same
    assert Person.objects.filter(pk=person.pk).exists()


def test_a_wish_to_keep_lets_the_data_go_to_their_end(person, dpo):
    post_mortem.record(person, wish=Wish.KEEP, by=None, now=NOW)
    request = asked(person, by=dpo)
    proven(request, by=dpo)
    post_mortem.choose(request, course=AfterDeath.DIRECTIVE, by=dpo, now=NOW)
    assert is_restricted(person)
    assert post_mortem.execute(request, by=dpo, now=NOW) == {"kept": 1}
    assert not is_restricted(person)


def test_a_wish_to_be_erased_is_carried_out_and_told_to_nobody(person, dpo, django_capture_on_commit_callbacks):
    post_mortem.record(person, wish=Wish.ERASE, by=None, now=NOW)
    request = asked(person, by=dpo)
    proven(request, by=dpo)
    post_mortem.choose(request, course=AfterDeath.DIRECTIVE, by=dpo, now=NOW)
    request.refresh_from_db()
    plan = post_mortem.plan(request, now=NOW)
    assert plan.erasure.changes
    assert plan.erasure.obstacles == []
    with django_capture_on_commit_callbacks(execute=True):
        post_mortem.execute(request, by=dpo, now=NOW)
    assert not Person.objects.filter(family_name=CANARY).exists()
    assert not Death.objects.exists()
    assert not Restriction.objects.active().exists()
    assert mail.outbox == []
    request.refresh_from_db()
    assert request.executed_at == NOW
    assert request.person is None


def test_another_restriction_still_stands_in_the_way(person, dpo, restrict):
    post_mortem.record(person, wish=Wish.ERASE, by=None, now=NOW)
    request = asked(person, by=dpo)
    proven(request, by=dpo)
    post_mortem.choose(request, course=AfterDeath.DIRECTIVE, by=dpo, now=NOW)
    restrict(person)
    with pytest.raises(StillRestricted):
        post_mortem.execute(request, by=dpo, now=NOW)
    assert not Erasure.objects.exists()


def copied(request, *, dpo, now):
    """The copy as it is released: prepared, read again, built."""
    package = packages.prepare(request, by=dpo, now=now)
    packages.work_on(package.pk, now=now)
    package.refresh_from_db()
    for text, words in packages.with_words(list(package.texts.all())):
        packages.check_text(text, words=words, passages=[], whole=False, now=now)
    if package.reviewed_at is None:
        packages.finish_review(package, by=dpo, now=now)
    packages.work_on(package.pk, now=now)
    package.refresh_from_db()
    return package


def names_in(package):
    pieces = clear_pieces(package.file, wrapped=package.wrapped_key, size=package.size)
    return zipfile.ZipFile(io.BytesIO(b"".join(pieces)))


def test_a_hand_over_goes_to_the_executor_and_holds_what_was_chosen_alone(person, dpo, client):
    now = timezone.now()
    ComplaintFactory(person=person, subject="Plainte-Rhododendron")
    hand_over(person, now=now)
    request = asked(person, by=dpo, now=now)
    proven(request, by=dpo, now=now)
    with pytest.raises(RequestError, match="ce qui est remis"):
        packages.prepare(request, by=dpo, now=now)
    post_mortem.choose(request, course=AfterDeath.DIRECTIVE, by=dpo, now=now)
    request.refresh_from_db()
    assert [each.dataset.name for each in post_mortem.plan(request, now=now).goes] == [DATA]
    package = copied(request, dpo=dpo, now=now)
    with names_in(package) as archive:
        page = archive.read("vos-donnees.html").decode()
    assert f"Fuite chez {CANARY}" in page
    assert "Plainte-Rhododendron" not in page

    for nobody in ("canari@exemple.example", "heritier@exemple.example"):
        with pytest.raises(RequestError):
            post_mortem.execute(request, by=dpo, now=now, to=nobody)
    post_mortem.execute(request, by=dpo, now=now)
    sent = OutgoingMessage.objects.get(kind="package_ready").said()
    assert sent["to"] == EXECUTOR
    assert not is_restricted(person)
    client.logout()
    address = sent["link"].removeprefix(outbox.absolute(""))
    page = client.get(address).content.decode()
    assert "e•••@exemple.example" in page
    assert "c•••@exemple.example" not in page
    client.post(address, {"to": "0"})
    assert OutgoingMessage.objects.get(kind="package_code").said()["to"] == EXECUTOR


def test_an_estate_gets_what_the_dpo_finds_needed_and_never_invoices(person, dpo):
    request = asked(person, by=dpo)
    proven(request, by=dpo)
    with pytest.raises(RequestError, match="au moins une"):
        post_mortem.choose(request, course=AfterDeath.ESTATE, datasets=["interventions.Invoice"], by=dpo, now=NOW)
    post_mortem.choose(request, course=AfterDeath.ESTATE, datasets=[DATA, "interventions.Invoice"], by=dpo, now=NOW)
    request.refresh_from_db()
    assert request.scope == [DATA]
    assert post_mortem.plan(request, now=NOW).readers == ["heritier@exemple.example"]


def test_goods_are_what_the_person_had_provided(person, dpo):
    now = timezone.now()
    request = asked(person, by=dpo, now=now)
    proven(request, by=dpo, now=now)
    post_mortem.choose(request, course=AfterDeath.GOODS, by=dpo, now=now)
    request.refresh_from_db()
    with names_in(copied(request, dpo=dpo, now=now)) as archive:
        assert "schema.json" in archive.namelist()
        assert CANARY in archive.read("donnees.json").decode()


def test_another_choice_drops_the_copy_of_the_first(person, dpo):
    now = timezone.now()
    request = asked(person, by=dpo, now=now)
    proven(request, by=dpo, now=now)
    post_mortem.choose(request, course=AfterDeath.ESTATE, datasets=[DATA], by=dpo, now=now)
    request.refresh_from_db()
    copied(request, dpo=dpo, now=now)
    assert ExportPackage.objects.exists()
    post_mortem.choose(request, course=AfterDeath.DEATH, by=dpo, now=now)
    assert not ExportPackage.objects.exists()


def test_heirs_are_refused_on_the_ground_of_the_law(person, dpo):
    request = asked(person, by=dpo, outcome="refused")
    with pytest.raises(RequestError):
        post_mortem.execute(request, by=dpo, now=NOW)


def test_one_s_own_request_is_executed_once_directives_are_written(person, dpo):
    request = asked(person, requester="self", by=dpo)
    with pytest.raises(RequestError, match="Écrivez"):
        post_mortem.execute(request, by=dpo, now=NOW)
    post_mortem.record(person, wish=Wish.KEEP, by=dpo, now=NOW)
    post_mortem.execute(request, by=dpo, now=NOW)
    request.refresh_from_db()
    assert request.executed_at == NOW


# The DPO's pages ------------------------------------------------------------------------------------------------------


def post(client, name, request, **said):
    return client.post(reverse(f"admin:{name}", args=[request.pk]), said)


def test_the_dpo_writes_down_what_a_letter_says(client, person, dpo):
    request = asked(person, requester="self")
    answer = post(client, "rights_directive", request, wish="hand_over", executor_name="Dominique Exécutrice")
    assert answer.status_code == 422
    assert "Choisissez au moins une sorte" in answer.content.decode()
    assert "Dominique Exécutrice" in answer.content.decode()
    assert post(client, "rights_directive", request, wish="erase").status_code == 302
    assert post_mortem.in_force(person).wish == Wish.ERASE
    assert 'value="erase"' in client.get(reverse("admin:rights_directive", args=[request.pk])).content.decode()
    post(client, "rights_directive_revoke", request)
    assert post_mortem.in_force(person) is None


def test_an_heir_dictates_no_directives(client, person, dpo):
    request = asked(person)
    assert post(client, "rights_directive", request, wish="erase").status_code == 422
    post(client, "rights_directive_revoke", request)
    assert not PostMortemDirective.objects.exists()


def test_the_dpo_is_led_from_the_death_to_its_end(client, person, dpo):
    post_mortem.record(person, wish=Wish.ERASE, by=None, now=timezone.now())
    request = asked(person, by=dpo)
    assert post(client, "rights_death", request, reported_by="Son fils").status_code == 422
    said = {"reported_by": "Son fils", "document": "certificate", "document_dated_on": "2026-03-01"}
    assert post(client, "rights_death", request, **said).status_code == 302
    assert is_restricted(person)
    assert post(client, "rights_after_death", request, course="estate").status_code == 422
    assert post(client, "rights_after_death", request, course="directive").status_code == 302
    page = client.get(reverse("admin:rights_after_death_execute", args=[request.pk]))
    assert page.status_code in (200, 302)  # who signed in long ago says who they are once more


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.ACCOUNTING, Role.TENANT])
def test_the_pages_are_the_dpo_s_alone(client, person, dpo, role):
    request = asked(person)
    names = ["rights_directive", "rights_death", "rights_death_mistake", "rights_after_death"]
    addresses = [reverse(f"admin:{name}", args=[request.pk]) for name in names]
    assert {client.get(address, follow=False).status_code for address in addresses[:2]} == {200}
    client.force_login(UserFactory(role=role))
    assert {client.get(address).status_code for address in addresses} <= {302, 403}
