"""The ten rights on the portal: asked for in two clicks, followed to the answer, and nobody else's."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from privacy import consent, disclosure, objections
from privacy.models import Letter, Restriction, RightsRequest
from privacy.policy import DPO_EMAIL, RIGHTS
from privacy.rights import access, packages, post_mortem, restriction, workflow
from privacy.rights.deadlines import due_on
from privacy.rights.workflow import Identity, Outcome, Right
from privacy.tasks import make_package
from sofratel.templatetags.french import day
from tests.factories import NOW, TODAY, InterventionFactory, PersonFactory, UserFactory
from tests.interventions.portal.conftest import signed_in_as

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

SAID = {
    Right.INFORMATION: {"wish": "Qui lit mes appels ?"},
    Right.OBJECTION: {"purpose": "history", "wish": "Je n’y tiens pas"},
    Right.WITHDRAWAL: {"purpose": "surveys"},
    Right.RESTRICTION: {"restriction_reason": "accuracy"},
    Right.ERASURE: {"scope": ["recording"]},
}
BY_FORM = [right for right in Right.values if right not in (Right.RECTIFICATION, Right.POST_MORTEM)]


def test_every_right_is_two_clicks_from_the_first_page(portal):
    first = portal.get(reverse("portal:home")).content.decode()
    assert reverse("portal:rights") in first
    second = portal.get(reverse("portal:rights")).content.decode()
    assert [right.key for right in RIGHTS] == [
        right.key for right in RIGHTS if f'href="{reverse("portal:right", args=[right.key])}"' in second
    ]


@pytest.mark.parametrize("right", BY_FORM)
def test_a_right_is_asked_for_and_its_request_followed(portal, tenant, right):
    assert portal.get(reverse("portal:right", args=[right])).status_code == 200
    response = portal.post(reverse("portal:right", args=[right]), SAID.get(right, {}), follow=True)
    request = RightsRequest.objects.get()
    assert (request.person, request.right, request.identity) == (tenant, right, Identity.SIGNED_IN)
    assert (request.channel, request.received_on, request.acknowledged_at) == ("portal", TODAY, NOW)
    page = response.content.decode()
    assert request.reference in page
    if right == Right.WITHDRAWAL:
        assert "C’est fait" in page
    else:
        assert day(due_on(TODAY)) in page
    assert request.reference in portal.get(reverse("portal:rights")).content.decode()


@pytest.mark.parametrize("right", [Right.INFORMATION, Right.OBJECTION, Right.WITHDRAWAL, Right.RESTRICTION])
def test_what_lacks_is_said_and_what_was_typed_is_kept(portal, right):
    typed = {} if right == Right.INFORMATION else {"wish": "Ce que j’ai tapé"}
    response = portal.post(reverse("portal:right", args=[right]), typed)
    assert response.status_code == 422
    assert "errorlist" in response.content.decode()
    assert all(words in response.content.decode() for words in typed.values())
    assert not RightsRequest.objects.exists()


def test_sent_twice_it_is_one_request(portal):
    for _ in range(2):
        portal.post(reverse("portal:right", args=["access"]), {"wish": "Tout"})
        portal.post(reverse("portal:right", args=["objection"]), {"purpose": "marketing"})
        portal.post(reverse("portal:right", args=["withdrawal"]), {"purpose": "surveys"})
    assert sorted(RightsRequest.objects.values_list("right", flat=True)) == ["access", "objection", "withdrawal"]


def test_what_stops_at_once_has_stopped_when_the_page_comes(portal, tenant):
    consent.give(tenant, purpose="surveys", channel="portal", by=None, now=NOW)
    assert consent.is_given(tenant, purpose="surveys")
    page = portal.post(reverse("portal:right", args=["withdrawal"]), {"purpose": "surveys"}, follow=True)
    assert not consent.is_given(tenant, purpose="surveys")
    assert "Vous avez retiré votre accord" in page.content.decode()
    page = portal.post(reverse("portal:right", args=["objection"]), {"purpose": "marketing"}, follow=True)
    assert objections.is_stopped(tenant, purposes=["marketing"])
    assert "cet usage a cessé" in page.content.decode()


def test_a_letter_is_read_once_it_is_sent(portal, tenant):
    portal.post(reverse("portal:right", args=["access"]))
    request = RightsRequest.objects.get()
    address = reverse("portal:right_request", args=[request.pk])
    draft = Letter.objects.create(request=request, kind="extension", text="Il y a beaucoup à relire.", written_at=NOW)
    assert draft.text not in portal.get(address).content.decode()
    Letter.objects.filter(pk=draft.pk).update(sent_at=NOW)
    assert draft.text in portal.get(address).content.decode()


def test_the_history_leaves_out_what_we_do_among_ourselves(portal, tenant):
    portal.post(reverse("portal:right", args=["access"]))
    request = RightsRequest.objects.get()
    workflow.note(request, workflow.Kind.REMINDED, by=None, now=NOW)
    page = portal.get(reverse("portal:right_request", args=[request.pk])).content.decode()
    assert "Votre demande est arrivée" in page
    assert "Rappel" not in page


def released(portal, tenant):
    tenant.email = "ines@exemple.example"
    tenant.save()
    dpo = UserFactory(role=Role.DPO)
    portal.post(reverse("portal:right", args=["portability"]))
    request = RightsRequest.objects.get()
    package = packages.prepare(request, by=dpo, now=NOW)
    make_package(package.pk)
    make_package(package.pk)
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=NOW)
    access.execute(request, by=dpo, now=NOW)
    return request


def test_the_copy_is_fetched_once_without_a_code(portal, tenant):
    request = released(portal, tenant)
    page = reverse("portal:right_request", args=[request.pk])
    copy = reverse("portal:fetch_copy", args=[request.pk])
    assert copy in portal.get(page).content.decode()
    assert b"".join(portal.post(copy).streaming_content).startswith(b"PK")
    assert copy not in portal.get(page).content.decode()
    assert portal.post(copy).status_code == 302


def test_another_tenants_request_is_not_there(portal, tenant):
    request = released(portal, tenant)
    stranger = signed_in_as(PersonFactory())
    assert portal.get(reverse("portal:right_request", args=[request.pk])).status_code == 200
    assert stranger.get(reverse("portal:right_request", args=[request.pk])).status_code == 404
    assert stranger.post(reverse("portal:fetch_copy", args=[request.pk])).status_code == 404
    assert request.reference not in stranger.get(reverse("portal:rights")).content.decode()


def test_no_such_right(portal):
    assert portal.get(reverse("portal:right", args=["vengeance"])).status_code == 404


def test_pages_cost_the_same_however_many_requests_there_are(portal, tenant, django_assert_max_num_queries):
    for right in BY_FORM:
        portal.post(reverse("portal:right", args=[right]), SAID.get(right, {}))
    request = RightsRequest.objects.first()
    for address in (reverse("portal:rights"), reverse("portal:right_request", args=[request.pk])):
        with django_assert_max_num_queries(12):
            portal.get(address)


def test_in_english(portal):
    page = portal.get(reverse("portal:rights"), headers={"accept-language": "en"}).content.decode()
    assert "My rights" in page
    assert "Mes droits" not in page


def test_an_exercised_switch_is_a_request_answered(portal, tenant):
    consent.give(tenant, purpose="surveys", channel="portal", by=None, now=NOW)
    for _ in range(2):
        portal.post(reverse("portal:consent", args=["surveys"]), {"answer": "withdrawn"})
    assert not consent.is_given(tenant, purpose="surveys")
    request = RightsRequest.objects.get()
    assert (request.right, request.purpose, request.answered_at) == (Right.WITHDRAWAL, "surveys", NOW)
    assert "Accord retiré" in portal.get(reverse("portal:consents")).content.decode()


def test_who_was_given_ones_data_is_named(portal, tenant):
    page = portal.get(reverse("portal:data")).content.decode()
    assert "en dehors de notre personnel" in page
    intervention = InterventionFactory(occupant=tenant)
    disclosure.record(
        tenant,
        kind="trades",
        name="Plomberie du Cambrésis",
        fields=["adresse", "problème"],
        purpose="providers",
        source=intervention,
        by=None,
        now=NOW,
    )
    page = portal.get(reverse("portal:data")).content.decode()
    assert "Plomberie du Cambrésis" in page
    assert "Adresse, problème" in page
    assert "en dehors de notre personnel" not in page


def lock(person):
    return restriction.begin(person, reason=Restriction.Reason.ACCURACY, by=None, now=NOW)


def test_the_neighbour_who_reported_sees_no_more_of_who_is_restricted(portal, tenant):
    neighbour = PersonFactory()
    intervention = InterventionFactory(occupant=neighbour, reported_by=tenant)
    own = InterventionFactory(occupant=tenant)
    address = reverse("portal:intervention", args=[intervention.pk])
    assert portal.get(address).status_code == 200
    lock(neighbour)
    assert portal.get(address).status_code == 404
    page = portal.get(reverse("portal:requests")).content.decode()
    assert address not in page
    assert reverse("portal:intervention", args=[own.pk]) in page
    assert signed_in_as(neighbour).get(address).status_code == 200


@pytest.mark.parametrize(("language", "said"), [("fr", "mises de côté"), ("en", "set aside")])
def test_a_restricted_tenant_is_told_in_their_language_what_goes_on(portal, tenant, language, said):
    intervention = InterventionFactory(occupant=tenant)
    address = reverse("portal:thread", args=[intervention.pk])
    lock(tenant)
    response = portal.post(address, {"text": "Toujours rien"}, headers={"accept-language": language})
    page = response.content.decode()
    assert response.status_code == 403
    assert said in page
    assert DPO_EMAIL in page
    assert reverse("portal:rights") in page


def test_a_restricted_tenant_still_has_their_rights(portal, tenant):
    lock(tenant)
    assert portal.get(reverse("portal:right", args=["access"])).status_code == 200
    assert portal.post(reverse("portal:right", args=["access"])).status_code == 302
    assert RightsRequest.objects.get().person == tenant


def test_who_is_in_the_way_of_somebody_else_s_restriction_learns_nothing_of_it(portal, tenant):
    neighbour = PersonFactory()
    intervention = InterventionFactory(occupant=tenant, reported_by=neighbour)
    lock(neighbour)
    response = portal.post(reverse("portal:thread", args=[intervention.pk]), {"text": "Toujours rien"})
    assert response.status_code == 403
    assert "mises de côté" not in response.content.decode()


# What to correct --------------------------------------------------------------------------------------------------


CORRECT = "/portail/droits/rectification/"


def as_kept(portal):
    """What the page shows, as a browser would send it back."""
    form = portal.get(CORRECT).context["values"]
    return {field.html_name: field.value() for _label, fields in form for _kept, field in fields if field.value()}


def test_what_is_kept_and_what_is_proposed_are_side_by_side(portal, tenant):
    page = portal.get(CORRECT).content.decode()
    assert "Delvaux" in page
    name = f"accounts.Person-{tenant.pk}-family_name"
    response = portal.post(CORRECT, as_kept(portal) | {name: "Delvaux-Petit"}, follow=True)
    request = RightsRequest.objects.get()
    (item,) = request.items.all()
    assert (item.field, item.proposed) == ("family_name", "Delvaux-Petit")
    assert "Delvaux-Petit" in response.content.decode()
    tenant.refresh_from_db()
    assert tenant.family_name == "Delvaux"


def test_a_correction_may_be_told_in_words(portal, tenant):
    portal.post(CORRECT, as_kept(portal) | {"wish": "Je ne vis plus au 3e"})
    assert RightsRequest.objects.get().wish == "Je ne vis plus au 3e"


@pytest.mark.parametrize("value", [None, ""])
def test_a_correction_that_corrects_nothing_is_told_so(portal, tenant, value):
    name = f"accounts.Person-{tenant.pk}-family_name"
    response = portal.post(CORRECT, as_kept(portal) | ({} if value is None else {name: value}))
    assert response.status_code == 422
    assert not RightsRequest.objects.exists()


def test_nobody_corrects_somebody_else(portal, tenant):
    other = PersonFactory(family_name="Marchand")
    assert "Marchand" not in portal.get(CORRECT).content.decode()
    portal.post(CORRECT, as_kept(portal) | {f"accounts.Person-{other.pk}-family_name": "Volé", "wish": "x"})
    assert not RightsRequest.objects.get().items.exists()


# Directives -------------------------------------------------------------------------------------------------------


DIRECTIVES = "/portail/droits/post_mortem/"


def test_directives_are_written_changed_and_revoked(portal, tenant):
    executor = {"executor_name": "Luc Delvaux", "executor_contact": "luc@exemple.example"}
    portal.post(DIRECTIVES, {"wish": "hand_over", "groups": ["intervention"], **executor})
    current = post_mortem.in_force(tenant)
    assert (current.wish, current.executor_name) == ("hand_over", "Luc Delvaux")
    assert "interventions.Intervention" in current.datasets
    assert "Luc Delvaux" in portal.get(DIRECTIVES).content.decode()
    portal.post(DIRECTIVES, {"wish": "erase"})
    assert post_mortem.in_force(tenant).wish == "erase"
    for _ in range(2):
        assert portal.post(f"{DIRECTIVES}fin/").status_code == 302
    assert post_mortem.in_force(tenant) is None
    assert [version.wish for version in post_mortem.history(tenant)] == ["revoked", "erase", "hand_over"]


@pytest.mark.parametrize("said", [{}, {"wish": "sell"}, {"wish": "hand_over", "groups": ["intervention"]}])
def test_directives_that_say_too_little_are_kept_on_the_page(portal, tenant, said):
    response = portal.post(DIRECTIVES, said | {"executor_name": "Luc Delvaux"})
    assert response.status_code == 422
    assert "Luc Delvaux" in response.content.decode()
    assert post_mortem.in_force(tenant) is None


# What a script suggests -------------------------------------------------------------------------------------------


SUGGESTIONS = "/portail/droits/automated_decision/"


def test_what_is_suggested_is_told_and_looked_at_again_in_one_click(portal, tenant):
    intervention = InterventionFactory(occupant=tenant)
    other = InterventionFactory()
    page = portal.get(SUGGESTIONS).content.decode()
    assert reverse("portal:ask_review", args=[intervention.pk]) in page
    assert other.reference not in page
    portal.post(reverse("portal:ask_review", args=[intervention.pk]))
    page = portal.get(SUGGESTIONS).content.decode()
    assert reverse("portal:ask_review", args=[intervention.pk]) not in page
    assert "Une personne revoit" in page
    assert RightsRequest.objects.get().right == Right.AUTOMATED_DECISION
