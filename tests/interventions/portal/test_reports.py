"""Reporting a problem on the portal: every answer kept, sent once, nothing of it anybody else's."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import merging
from accounts.models import Person
from accounts.roles import Role
from interventions import reports, tasks
from interventions.models import Instruction, Intervention, PersonalLink, ReportDraft, Status, Transition
from interventions.personal_links import issue_link
from interventions.places import PROBLEMS_AT, SIGNS, Place, problems_at
from interventions.problems import PROBLEMS, PROBLEMS_BY_CODE, Priority
from interventions.reports import Unfinished, answer_step, send_report, start_draft
from privacy.encryption import cipher
from privacy.models import OutgoingMessage
from privacy.outbox import sms
from tests.concurrency import meanwhile
from tests.factories import (
    DwellingFactory,
    InstructionFactory,
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    ResidenceFactory,
    TenancyFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

Step = ReportDraft.Step


@pytest.fixture
def tenancy():
    dwelling = DwellingFactory(residence=ResidenceFactory(name="Les Hortensias"), door="12")
    return TenancyFactory(person=PersonFactory(email="camille@exemple.example"), dwelling=dwelling)


@pytest.fixture
def tenant(client, tenancy):
    client.force_login(UserFactory(role=Role.TENANT, person=tenancy.person))
    return client


def by_link(person):
    client = Client()
    token = issue_link(person, purpose=PersonalLink.Purpose.REPORT, by=None, now=timezone.now())
    assert client.post(f"/portail/lien/{token}/").url == "/portail/signaler/"
    return client


ANSWERS = {
    "pour-qui": {"whom": "me"},
    "ou": {"place": "kitchen"},
    "quoi": {"problem_code": "leak_pipe"},
    "questions": {"unstoppable": "no", "near_electricity": "no"},
    "precisions": {"description": "Sous l’évier, goutte à goutte.", "continue": "1"},
    "passage": {"availability": ["mornings", "saturdays"], "contact_number": "06 12 34 56 78"},
}


def begin(client):
    """Returns the address of the draft’s first question."""
    assert client.get("/portail/signaler/").status_code == 200
    return client.post("/portail/signaler/").url


def tell(client, *, until="", **instead):
    """Answer one question after the other, as each page leads to the next. Returns where it ended."""
    address = begin(client)
    for step, answers in (ANSWERS | instead).items():
        if step == until:
            break
        assert address.endswith(f"/{step}/"), address
        assert client.get(address).status_code == 200
        response = client.post(address, answers)
        assert response.status_code == 302, response.content.decode()
        address = response.url
    return address


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


# From the first question to the desk ----------------------------------------------------------------------------------


@pytest.mark.parametrize("enter", ["signed in", "by link"])
def test_a_tenant_reports_a_problem(enter, tenant, tenancy):
    client = tenant if enter == "signed in" else by_link(tenancy.person)
    summary = tell(client)
    assert "Sous l’évier" in text_of(client.get(summary))
    assert not Intervention.objects.exists()
    sent = client.post(summary)

    intervention = Intervention.objects.get()
    assert (intervention.status, intervention.problem_code) == (Status.RECEIVED, "leak_pipe")
    assert (intervention.occupant, intervention.reported_by) == (tenancy.person, tenancy.person)
    assert (intervention.dwelling, intervention.residence) == (tenancy.dwelling, tenancy.dwelling.residence)
    assert intervention.answers == {"unstoppable": False, "near_electricity": False}
    assert intervention.availability == ["mornings", "saturdays"]
    assert intervention.contact_number == "+33612345678"
    assert intervention.description == "Endroit\N{NO-BREAK SPACE}: Cuisine.\nSous l’évier, goutte à goutte."
    assert (intervention.priority, intervention.owner) == (Priority.NORMAL, None)
    assert Transition.objects.get().by_tenant
    page = text_of(client.get(sent.url))
    assert intervention.reference in page
    assert "agent la lit" in page


def test_who_has_no_account_is_sent_a_link_to_follow(tenancy, django_capture_on_commit_callbacks):
    client = by_link(tenancy.person)
    client.post(tell(client))
    message = OutgoingMessage.objects.get()
    assert (message.kind, message.channel) == ("follow_link", "mail")
    assert PersonalLink.objects.get(purpose="follow").intervention == Intervention.objects.get()
    deliver_all(timezone.now())
    assert mail.outbox[0].to == ["camille@exemple.example"]


def test_who_has_an_account_needs_no_link(tenant):
    tenant.post(tell(tenant))
    assert Intervention.objects.exists()
    assert not OutgoingMessage.objects.exists()


def test_sent_twice_it_is_one_request(tenant):
    summary = tell(tenant)
    first, second = tenant.post(summary), tenant.post(summary)
    assert first.url == second.url
    assert Intervention.objects.count() == 1
    assert tenant.get(summary).url == first.url


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_the_same_instant_it_is_one_request(tenant, tenancy):
    summary = tell(tenant)
    draft = ReportDraft.objects.get()
    now = timezone.now()
    second = meanwhile(
        lambda: send_report(draft, follow_link=True, now=now), lambda: send_report(draft, follow_link=True, now=now)
    )
    assert second == Intervention.objects.get()
    assert OutgoingMessage.objects.count() == 1
    assert tenant.get(summary).url.endswith("/envoyee/")


def test_what_was_sent_is_forgotten_by_the_draft(tenant):
    summary = tell(tenant)
    assert ReportDraft.objects.get().description
    tenant.post(summary)
    draft = ReportDraft.objects.get()
    assert (draft.description, draft.contact_number, draft.answers, draft.dwelling) == ("", "", {}, None)


def test_after_one_was_sent_another_can_be_told(tenant):
    tenant.post(tell(tenant))
    tenant.post(tell(tenant))
    assert Intervention.objects.count() == 2


# For somebody else ----------------------------------------------------------------------------------------------------

FOR_MOTHER = {
    "whom": "other",
    "relation": "relative",
    "other_name": "Jeanne Delattre",
    "other_number": "06 98 76 54 32",
    "other_place": "3e étage, porte gauche",
}


def test_somebody_else_is_told_that_they_were_named(tenant, tenancy):
    namesake = PhoneFactory(number="+33698765432", person=PersonFactory(family_name="Secret")).person
    tenant.post(tell(tenant, **{"pour-qui": FOR_MOTHER}))
    intervention = Intervention.objects.get()
    assert intervention.occupant not in (tenancy.person, namesake)
    assert intervention.occupant.family_name == "Jeanne Delattre"
    assert intervention.reported_by == tenancy.person
    assert intervention.dwelling is None
    assert "3e étage, porte gauche" in intervention.description
    message = OutgoingMessage.objects.get()
    assert (message.kind, message.person) == ("named_by_another", intervention.occupant)
    deliver_all(timezone.now())
    assert sms.outbox[0].to == "+33698765432"
    assert "/confidentialite/" in sms.outbox[0].text
    assert "Delattre" not in sms.outbox[0].text


def test_who_else_it_is_must_be_said(tenant):
    address = begin(tenant)
    page = tenant.post(address, {"whom": "other", "other_name": "Jeanne"})
    assert page.status_code == 422
    assert "prévenir" in text_of(page)
    assert 'value="Jeanne"' in page.content.decode()
    assert not Person.objects.filter(family_name="Jeanne").exists()


def test_with_two_homes_which_one_is_asked(tenant, tenancy):
    other = TenancyFactory(person=tenancy.person, dwelling=DwellingFactory(door="77")).dwelling
    TenancyFactory(person=tenancy.person, until_on=date(2024, 1, 1))
    address = begin(tenant)
    assert "porte 77" in text_of(tenant.get(address))
    assert tenant.post(address, {"whom": "me"}).status_code == 422
    assert tenant.post(address, {"whom": "me", "dwelling": TenancyFactory().dwelling_id}).status_code == 422
    assert tenant.post(address, {"whom": "me", "dwelling": other.pk}).status_code == 302
    assert ReportDraft.objects.get().dwelling == other


def test_without_a_home_there_is_nothing_to_begin(client):
    client.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    assert "Appelez-nous" in text_of(client.get("/portail/signaler/"))
    client.post("/portail/signaler/")
    assert not ReportDraft.objects.exists()


# What is told at each step --------------------------------------------------------------------------------------------


def test_the_common_parts_are_nobodys_dwelling(tenant, tenancy):
    tenant.post(tell(tenant, ou={"place": "stairs"}, quoi={"problem_code": "lift_down"}, questions=LIFT))
    intervention = Intervention.objects.get()
    assert (intervention.dwelling, intervention.residence) == (None, tenancy.dwelling.residence)
    assert "Escalier, ascenseur" in intervention.description


LIFT = {"stranded": "unknown", "only_lift": "yes"}


def test_what_is_not_known_is_not_an_answer(tenant):
    tenant.post(tell(tenant, ou={"place": "stairs"}, quoi={"problem_code": "lift_down"}, questions=LIFT))
    assert Intervention.objects.get().answers == {"only_lift": True}
    assert Intervention.objects.get().suggested_priority == Priority.URGENT


def test_an_emergency_says_call_now_and_leaves_a_way_on(tenant):
    address = tell(tenant, until="questions", quoi={"problem_code": "gas_smell"})
    assert address.endswith("/urgence/")
    page = text_of(tenant.get(address))
    assert page.index('href="tel:') < page.index("Je ne peux pas téléphoner")
    assert "Pas de flamme" in page
    questions = re.search(r'href="([^"]+/questions/)"', page)[1]
    assert tenant.post(questions, {"inside": "no", "hurt": "no"}).url.endswith("/precisions/")


def test_an_answer_may_make_it_an_emergency(tenant):
    address = tell(tenant, until="precisions", questions={"unstoppable": "no", "near_electricity": "yes"})
    assert "disjoncteur" in text_of(tenant.get(address))
    assert address.endswith("/urgence/")
    for step in ("precisions", "passage"):
        address = tenant.post(f"/portail/signaler/{ReportDraft.objects.get().pk}/{step}/", ANSWERS[step]).url
    assert "Appelez-nous" in text_of(tenant.get(address))
    tenant.post(address)
    assert Intervention.objects.get().suggested_priority == Priority.EMERGENCY


def test_what_is_urgent_no_more_has_no_such_page(tenant):
    tell(tenant, until="precisions")
    draft = ReportDraft.objects.get()
    assert tenant.get(f"/portail/signaler/{draft.pk}/urgence/").url.endswith("/precisions/")


def test_tenants_read_no_words_of_an_agent(tenant):
    spoken = "Raccrochez et appelez le 15"
    tell(tenant, until="questions", quoi={"problem_code": "electric_danger"})
    draft = ReportDraft.objects.get()
    address = tenant.post(f"/portail/signaler/{draft.pk}/questions/", {"smoke": "no", "hurt": "yes"}).url
    page = text_of(tenant.get(address))
    assert "Appelez le 15" in page
    assert spoken not in page
    assert any(spoken in question.advice for problem in PROBLEMS for question in problem.questions)


def test_what_the_landlord_wants_others_to_do_is_not_opened(tenant, tenancy):
    InstructionFactory(
        landlord=tenancy.landlord, problem="leak_pipe", action=Instruction.Action.NOT_OURS, refer_to="Gardien, loge B"
    )
    address = tell(tenant, until="questions")
    assert address.endswith("/orientation/")
    assert "Gardien, loge B" in text_of(tenant.get(address))
    draft = ReportDraft.objects.get()
    for step in ("questions", "precisions", "passage"):
        tenant.post(f"/portail/signaler/{draft.pk}/{step}/", ANSWERS[step])
    draft.refresh_from_db()
    assert draft.next_step == ""
    assert tenant.post(f"/portail/signaler/{draft.pk}/envoi/").url.endswith("/orientation/")
    assert not Intervention.objects.exists()


def test_another_place_asks_again_what_is_wrong_there(tenant):
    tell(tenant)
    draft = ReportDraft.objects.get()
    assert draft.next_step == ""
    step = f"/portail/signaler/{draft.pk}/ou/"
    assert tenant.post(step, {"place": "bathroom"}).url.endswith("/envoi/")  # leaks there too
    assert tenant.post(step, {"place": "dwelling"}).url.endswith("/quoi/")
    draft.refresh_from_db()
    assert (draft.problem_code, draft.answers, draft.description) == ("", {}, "Sous l’évier, goutte à goutte.")


def test_something_else_needs_words(tenant):
    address = tell(
        tenant, until="precisions", quoi={"problem_code": "other"}, questions={"danger": "no", "worsening": "no"}
    )
    page = tenant.post(address, {"description": "", "continue": "1"})
    assert page.status_code == 422
    assert tenant.post(address, {"description": "La hotte", "continue": "1"}).status_code == 302


@pytest.mark.parametrize(
    ("step", "bad"),
    [
        ("pour-qui", {}),
        ("pour-qui", {"whom": "nobody"}),
        ("ou", {"place": "cave"}),
        ("ou", {}),
        ("quoi", {"problem_code": "lift_trapped"}),
        ("quoi", {}),
        ("questions", {"unstoppable": "yes"}),
        ("questions", {"unstoppable": "perhaps", "near_electricity": "no"}),
        ("precisions", {"description": "x" * 1801, "continue": "1"}),
        ("precisions", {"description": "a\0b", "continue": "1"}),
        ("passage", {"availability": [], "contact_number": ""}),
        ("passage", {"availability": ["never"], "contact_number": ""}),
        ("passage", {"availability": ["any"], "contact_number": "12"}),
    ],
)
def test_a_bad_answer_is_told_and_nothing_is_lost(tenant, step, bad):
    address = tell(tenant, until=step)
    page = tenant.post(address, bad)
    assert page.status_code == 422
    assert "errorlist" in page.content.decode()
    for value in bad.values():
        if isinstance(value, str) and step in ("precisions", "passage") and "\0" not in value and value != "1":
            assert value in page.content.decode()
    assert ReportDraft.objects.get().next_step == step


def test_typed_words_outlive_a_photo_that_is_refused(tenant):
    from django.core.files.uploadedfile import SimpleUploadedFile

    address = tell(tenant, until="precisions")
    page = tenant.post(address, {"description": "Des mots", "add": "1", "photos": SimpleUploadedFile("a.jpg", b"non")})
    assert page.status_code == 422
    assert "pas une photo" in text_of(page)
    assert "Des mots" in text_of(page)


# Drafts ---------------------------------------------------------------------------------------------------------------


def test_a_draft_waits_where_it_was_left(tenant):
    left = tell(tenant, until="questions")
    assert "Reprendre" in text_of(tenant.get("/portail/"))
    assert tenant.post("/portail/signaler/").url == left
    assert ReportDraft.objects.count() == 1


def test_no_question_is_jumped_over(tenant):
    address = tell(tenant, until="quoi")
    draft = ReportDraft.objects.get()
    for ahead in ("questions", "precisions", "passage", "envoi"):
        assert tenant.get(f"/portail/signaler/{draft.pk}/{ahead}/").url == address
        assert tenant.post(f"/portail/signaler/{draft.pk}/{ahead}/", ANSWERS.get(ahead, {})).url == address
    assert tenant.get(f"/portail/signaler/{draft.pk}/autre/").status_code == 404
    with pytest.raises(Unfinished):
        send_report(draft, follow_link=False, now=timezone.now())


def test_a_draft_can_be_thrown_away(tenant):
    tell(tenant, until="questions")
    assert ReportDraft.objects.exists()
    assert tenant.post("/portail/signaler/jeter/").status_code == 302
    assert not ReportDraft.objects.exists()
    assert tenant.post("/portail/signaler/jeter/").status_code == 302  # twice, as on a bad line


def test_what_was_sent_cannot_be_thrown_away(tenant):
    tenant.post(tell(tenant))
    tenant.post("/portail/signaler/jeter/")
    assert ReportDraft.objects.exists()
    assert Intervention.objects.exists()


def test_a_draft_is_over_after_a_day_and_makes_room(tenancy, client):
    now = timezone.now()
    start_draft(tenancy.person, now=now - timedelta(hours=24))
    client.force_login(UserFactory(role=Role.TENANT, person=tenancy.person))
    assert "Reprendre" not in text_of(client.get("/portail/"))
    over = ReportDraft.objects.get()
    new = start_draft(tenancy.person, now=now)
    assert new != over
    assert start_draft(tenancy.person, now=now) == new


@pytest.mark.django_db(transaction=True)
def test_begun_twice_at_the_same_instant_it_is_one_draft(tenancy):
    now = timezone.now()
    begin_one = partial(start_draft, tenancy.person, now=now)
    assert meanwhile(begin_one, begin_one) == ReportDraft.objects.get()


def test_merging_two_records_with_a_draft_each_is_no_trouble(tenancy):
    other = TenancyFactory().person
    for person in (tenancy.person, other):
        start_draft(person, now=timezone.now())
    younger = ReportDraft.objects.get(person=other)
    merging.merge_people(tenancy.person, other, by=UserFactory(), now=timezone.now())
    assert start_draft(tenancy.person, now=timezone.now()) == younger


def test_an_answer_to_what_was_sent_meanwhile_changes_nothing(tenant):
    summary = tell(tenant)
    draft = ReportDraft.objects.get()
    tenant.post(summary)
    with pytest.raises(reports.Gone):
        answer_step(draft, step=Step.PLACE, said={"place": "stairs"})
    assert tenant.post(f"/portail/signaler/{draft.pk}/ou/", {"place": "stairs"}).url.endswith("/envoyee/")


def test_anybody_elses_draft_is_not_there(tenant):
    tell(tenant)
    draft = ReportDraft.objects.get()
    neighbour = Client()
    neighbour.force_login(UserFactory(role=Role.TENANT, person=TenancyFactory().person))
    pages = [*Step.values, "envoi", "envoyee", "urgence", "orientation"]
    for client, refused in ((neighbour, 404), (by_link(TenancyFactory().person), 404), (Client(), 302)):
        for page in pages:
            assert client.get(f"/portail/signaler/{draft.pk}/{page}/").status_code == refused, page
        client.post("/portail/signaler/jeter/")
        assert client.post(f"/portail/signaler/{draft.pk}/envoi/").status_code == refused
    assert tenant.get(f"/portail/signaler/{draft.pk}/envoi/").status_code == 200
    assert not Intervention.objects.exists()


def test_a_link_to_follow_something_reports_nothing(tenancy):
    client = Client()
    followed = InterventionFactory(occupant=tenancy.person)
    token = issue_link(
        tenancy.person, purpose=PersonalLink.Purpose.FOLLOW, intervention=followed, by=None, now=timezone.now()
    )
    client.post(f"/portail/lien/{token}/")
    assert client.get("/portail/signaler/").status_code == 302
    assert "/signaler/" not in client.get("/portail/").content.decode()


# Already told ---------------------------------------------------------------------------------------------------------


def already(tenancy, **fields):
    given = {"residence": tenancy.dwelling.residence, "problem_code": "leak_pipe", "opened_at": timezone.now()}
    return InterventionFactory(**given | fields)


def test_ones_own_open_request_is_named(tenant, tenancy):
    mine = already(tenancy, dwelling=tenancy.dwelling, occupant=tenancy.person)
    assert mine.reference in text_of(tenant.get(tell(tenant)))


def test_of_the_common_parts_it_is_said_without_anything_personal(tenant, tenancy):
    theirs = already(tenancy, problem_code="lift_down", occupant=PersonFactory(family_name="Voisin"))
    page = text_of(tenant.get(tell(tenant, ou={"place": "stairs"}, quoi={"problem_code": "lift_down"}, questions=LIFT)))
    assert "déjà été signalé" in page
    assert theirs.reference not in page
    assert "Voisin" not in page


def test_a_neighbours_request_is_not_told(tenant, tenancy):
    already(tenancy, dwelling=DwellingFactory(residence=tenancy.dwelling.residence))
    assert "déjà" not in text_of(tenant.get(tell(tenant)))


# A link for who asks --------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(monkeypatch, client):
    """What the worker is given, done at once and by the same function."""

    def ask(to, **extra):
        given = []
        monkeypatch.setattr(tasks.send_report_link, "delay", given.append)
        response = client.post("/portail/lien/", {"to": to}, **extra)
        for sealed in given:
            assert to not in sealed
            tasks.send_report_link(sealed)
        return response

    return ask


@pytest.mark.parametrize("to", ["06 12 34 56 78", "+33612345678", "Camille@exemple.example"])
def test_who_asks_gets_a_link_at_their_own_number_or_address(asked, tenancy, to):
    PhoneFactory(person=tenancy.person, number="+33612345678")
    assert asked(to).url == "/portail/lien/demande/"
    assert PersonalLink.objects.get().person == tenancy.person
    assert OutgoingMessage.objects.get().kind == "report_link"


def test_the_answer_tells_nothing_of_who_is_known(asked, tenancy):
    PhoneFactory(person=PersonFactory(), number="+33611111111")  # lives nowhere
    for _ in range(2):
        PhoneFactory(person=TenancyFactory().person, number="+33622222222")  # two have it
    answers = {
        (answer.status_code, answer.url)
        for answer in map(asked, ["camille@exemple.example", "06 11 11 11 11", "06 22 22 22 22", "06 33 33 33 33"])
    }
    assert len(answers) == 1
    assert [link.person for link in PersonalLink.objects.all()] == [tenancy.person]


def test_nobody_is_flooded_and_nobody_learns_it(asked, tenancy):
    for number in range(5):
        with time_machine.travel(datetime(2026, 11, 23, 14, number, 30, tzinfo=UTC)):
            for _ in range(2):  # a double click
                address = {"REMOTE_ADDR": f"192.0.2.{number}"}
                assert asked("camille@exemple.example", **address).url == "/portail/lien/demande/"
        assert PersonalLink.objects.count() == min(number + 1, 3)


def test_who_asks_for_many_waits_and_the_others_do_not(asked, tenancy):
    for number in range(10):
        assert asked(f"06 12 34 56 {number:02}", REMOTE_ADDR="192.0.2.77").status_code == 302
    assert asked("camille@exemple.example", REMOTE_ADDR="192.0.2.77").status_code == 429
    assert asked("camille@exemple.example", REMOTE_ADDR="192.0.2.78").status_code == 302


@pytest.mark.parametrize("to", ["", "Camille", "06 12", "a@b", "03 27 12 34 56"])
def test_what_is_no_number_or_address_is_told(asked, to):
    page = asked(to)
    assert page.status_code == 422
    assert f'value="{to}"' in page.content.decode() or not to


def test_the_broker_holds_no_address(tenancy):
    tasks.send_report_link(cipher().encrypt(b"camille@exemple.example").decode())
    assert PersonalLink.objects.get().person == tenancy.person


# Places ---------------------------------------------------------------------------------------------------------------


def test_every_problem_has_its_place_and_its_sign():
    placed = {code for place in Place for code in PROBLEMS_AT[place]} | {"other"}
    assert placed == set(PROBLEMS_BY_CODE)
    assert set(SIGNS) == set(PROBLEMS_BY_CODE)


@pytest.mark.parametrize("place", Place)
def test_each_place_ends_with_anything_else(place):
    codes = [problem.code for problem in problems_at(place)]
    assert codes[-1] == "other"
    assert len(set(codes)) == len(codes)


# Cost -----------------------------------------------------------------------------------------------------------------


def test_no_page_asks_the_database_much(tenant, django_assert_max_num_queries):
    summary = tell(tenant)
    draft = ReportDraft.objects.get()
    for page in ("", *(f"{draft.pk}/{step}/" for step in Step.values), f"{draft.pk}/envoi/"):
        with django_assert_max_num_queries(12):
            assert tenant.get(f"/portail/signaler/{page}").status_code == 200
    with django_assert_max_num_queries(40):
        sent = tenant.post(summary).url
    with django_assert_max_num_queries(12):
        assert tenant.get(sent).status_code == 200
