"""The DPO's board, the entry of a request, and the page that leads through it, step by step."""

import io
from datetime import date, timedelta

import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from accounts.models import Person
from accounts.roles import Role
from privacy.models import JournalEntry, Letter, Objection, RequesterDocument, Restriction, RightsRequest
from privacy.rights import identity, letters, standing, workflow
from tests.factories import ComplaintFactory, PersonFactory, PhoneFactory, UserFactory
from tests.signing_in import sign_in, user_with_password

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 " + b"x" * 100_000


@pytest.fixture
def dpo(client):
    user = UserFactory(role=Role.DPO, full_name="Dominique Pons")
    client.force_login(user)
    return user


def asked(person=None, *, right="erasure", days_ago=0, acknowledged=True, identity="known", **said):
    now = timezone.now() - timedelta(days=days_ago)
    request = workflow.receive(
        person,
        right=right,
        channel="letter",
        received_on=timezone.localdate(now),
        identity=identity if person else "",
        by=None,
        now=now,
        **said,
    )
    if acknowledged:
        workflow.acknowledge(request, by=None, now=now)
    request.refresh_from_db()
    return request


def read(client, name, *args, **query):
    return client.get(reverse(f"admin:{name}", args=args), query).content.decode()


def post(client, name, *args, **said):
    return client.post(reverse(f"admin:{name}", args=args), said, follow=True)


# The board ------------------------------------------------------------------------------------------------------------


def rows(client, **query):
    return [each.request for each in client.get(reverse("admin:rights_board"), query).context["rows"]]


def test_what_is_due_first_is_at_the_top_and_each_number_leads_to_its_rows(client, dpo):
    late, soon, calm = (asked(PersonFactory(), days_ago=days) for days in (40, 27, 1))
    waiting = asked(PersonFactory(), days_ago=10, identity="")
    workflow.ask_identity(waiting, reason="Le nom diffère.", by=dpo, now=timezone.now() - timedelta(days=9))
    waiting.refresh_from_db()
    stranger = asked(days_ago=2, requester_name="Madame Inconnue", reply_to="inconnue@exemple.example")
    assert rows(client) == [late, soon, *sorted([calm, waiting, stranger], key=due)]
    assert rows(client, vue="retard") == [late]
    assert rows(client, vue="bientot") == [soon]
    assert rows(client, vue="suspendu") == [waiting]
    assert rows(client, vue="sans-personne") == [stranger]
    assert waiting not in rows(client, vue="moi")
    assert set(rows(client, vue="moi")) == {late, soon, calm, stranger}
    page = read(client, "rights_board")
    assert "en retard de" in page
    assert "Retrouver la personne" in page
    assert "Attendre la réponse" in page


def due(request):
    return request.due_on(today=timezone.localdate()), request.pk


def test_a_closed_one_leaves_the_board_for_the_closed_ones(client, dpo):
    request = asked(PersonFactory(), right="information")
    assert rows(client) == [request]
    workflow.decide(request, outcome="refused", ground="excessive", by=dpo, now=timezone.now())
    workflow.answer(request, by=dpo, now=timezone.now())
    assert rows(client) == []
    assert rows(client, vue="closes") == [request]


def test_a_late_acknowledgement_is_said(client, dpo):
    asked(PersonFactory(), days_ago=10, acknowledged=False)
    page = read(client, "rights_board")
    assert "Accuser réception" in page
    assert "l’accusé est en retard" in page


def test_many_come_in_pages_for_a_bounded_number_of_queries(client, dpo, django_assert_max_num_queries):
    for _ in range(60):
        RightsRequest.objects.create(person=PersonFactory(), right="access", received_on=timezone.localdate())
    with django_assert_max_num_queries(12):
        assert len(rows(client)) == 50
    assert len(rows(client, page=2)) == 10


def test_the_home_tells_the_numbers(client, dpo):
    asked(PersonFactory(), days_ago=40)
    home = client.get("/admin/").content.decode()
    assert 'href="/admin/droits/?vue=retard" class="late"><b>1</b> En retard' in home


PAGES = [("rights_board", False), ("rights_enter", False), ("rights_request", True), ("rights_find_person", True)]


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.ACCOUNTING, Role.TENANT])
@pytest.mark.parametrize(("page", "of_one"), PAGES)
def test_it_is_nobody_else_s(client, role, page, of_one):
    request = asked(PersonFactory())
    client.force_login(UserFactory(role=role))
    assert client.get(reverse(f"admin:{page}", args=[request.pk] if of_one else [])).status_code in (302, 403)
    assert post(client, "rights_decide", request.pk, outcome="granted").status_code in (200, 403)
    request.refresh_from_db()
    assert request.decided_at is None


# Entering one ---------------------------------------------------------------------------------------------------------


def entry(**said):
    today = timezone.localdate().isoformat()
    return {"channel": "letter", "received_on": today, "requester": "self", "once": "first"} | said


def enter(client, right, **said):
    return client.post(f"{reverse('admin:rights_enter')}?droit={right}", entry(**said), follow=True)


def test_each_right_has_its_questions(client, dpo):
    assert "Effacement" in read(client, "rights_enter")
    assert 'name="scope"' in read(client, "rights_enter", droit="erasure")
    assert 'name="purpose"' in read(client, "rights_enter", droit="objection")
    assert 'name="restriction_reason"' in read(client, "rights_enter", droit="restriction")
    assert 'name="purpose"' not in read(client, "rights_enter", droit="access")


def test_a_letter_is_entered_as_of_the_day_it_came(client, dpo):
    person, came_on = PersonFactory(), timezone.localdate() - timedelta(days=4)
    answer = enter(
        client, "restriction", record=person.pk, received_on=came_on.isoformat(), restriction_reason="claims"
    )
    (request,) = RightsRequest.objects.all()
    assert answer.redirect_chain[-1][0] == reverse("admin:rights_request", args=[request.pk])
    assert (request.person, request.received_on, request.channel) == (person, came_on, "letter")
    assert (request.restriction_reason, request.entered_by, request.identity) == ("claims", dpo, "")


def test_a_stranger_s_is_entered_with_where_to_answer(client, dpo):
    wrong = enter(client, "access", requester_name="Madame Inconnue", wish="Tout ce que vous avez.")
    assert wrong.status_code == 422
    assert "où lui répondre" in wrong.content.decode()
    assert "Tout ce que vous avez." in wrong.content.decode()
    assert not RightsRequest.objects.exists()
    enter(client, "access", requester_name="Madame Inconnue", reply_to="12 rue Haute, Cambrai", wish="Tout.")
    (request,) = RightsRequest.objects.all()
    assert request.awaits_person
    assert request.reply_to == "12 rue Haute, Cambrai"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"record": "999999999"}, "Aucune fiche"),
        ({"record": "99999999999999999999999"}, "record"),
        ({"received_on": "2199-01-01", "requester_name": "X", "reply_to": "y"}, "encore à venir"),
        ({"requester": "heir", "record": "1"}, "Dites qui demande"),
        ({"received_on": "hier"}, "received_on"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(client, dpo, said, told):
    answer = enter(client, "access", **said)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not RightsRequest.objects.exists()


def test_sent_twice_it_is_one_request(client, dpo):
    said = {"requester_name": "Madame Inconnue", "reply_to": "inconnue@exemple.example"}
    enter(client, "access", **said)
    assert "déjà enregistrée" in enter(client, "access", **said).content.decode()
    assert RightsRequest.objects.count() == 1
    enter(client, "access", **said, once="second")
    assert RightsRequest.objects.count() == 2


@pytest.mark.parametrize("asked_for", ["Lefebvre", "lefebvre@exemple.example", "06 12 34 56 78", "fiche", "Lefevre"])
def test_the_person_is_found_by_what_one_knows(client, dpo, asked_for):
    person = PersonFactory(family_name="Lefebvre", email="lefebvre@exemple.example")
    PhoneFactory(person=person, number="+33612345678")
    other = PersonFactory(family_name="Martin")
    text = str(person.pk) if asked_for == "fiche" else asked_for
    page = client.get(reverse("admin:rights_enter"), {"droit": "access", "q": text})
    assert [found.number for found in page.context["candidates"]] == [person.pk]
    assert str(other.pk) not in [str(found.number) for found in page.context["candidates"]]
    entry = JournalEntry.objects.get(action="search")
    assert (entry.actor, entry.details) == (dpo, {"found": 1})


# Its person -----------------------------------------------------------------------------------------------------------


def test_the_person_is_found_for_a_stranger_s_request(client, dpo):
    request, person = (
        asked(requester_name="Marie", reply_to="marie@exemple.example"),
        PersonFactory(family_name="Marie"),
    )
    assert str(person.pk) in read(client, "rights_find_person", request.pk, q="Marie")
    post(client, "rights_find_person", request.pk, record=person.pk)
    request.refresh_from_db()
    assert request.person == person
    told = post(client, "rights_find_person", request.pk, record=PersonFactory().pk).content.decode()
    assert "a déjà sa personne" in told
    request.refresh_from_db()
    assert request.person == person


@pytest.mark.parametrize("record", ["", "0", "-1", "abc", "999999999", "9" * 30])
def test_a_record_that_does_not_exist_is_refused(client, dpo, record):
    request = asked(requester_name="Marie", reply_to="marie@exemple.example")
    assert "fiche qui existe" in post(client, "rights_find_person", request.pk, record=record).content.decode()


def test_of_whom_nothing_is_held_that_is_answered(client, dpo):
    request = asked(right="access", requester_name="Marie", reply_to="marie@exemple.example")
    post(client, "rights_find_nobody", request.pk)
    request.refresh_from_db()
    assert request.executed_at is not None
    assert "nous ne gardons aucune donnée" in letters.drafted(request, "answer", now=timezone.now())
    assert "Nous ne gardons rien" in read(client, "rights_request", request.pk)
    assert "déjà sa personne, ou sa décision" in post(client, "rights_find_nobody", request.pk).content.decode()


# Who asks -------------------------------------------------------------------------------------------------------------


def suspended(dpo):
    request = asked(PersonFactory(), identity="")
    workflow.ask_identity(request, reason="Le nom diffère.", by=dpo, now=timezone.now())
    return request


def stored(document):
    with document.file.open("rb") as file:
        return file.read()


def test_a_document_is_encrypted_shown_to_the_dpo_and_destroyed_when_it_is_verified(
    client, dpo, django_capture_on_commit_callbacks
):
    request = suspended(dpo)
    document = identity.add(request, kind="card", stream=io.BytesIO(PDF), now=timezone.now())
    path = document.file.name
    assert PDF[:9] not in stored(document)
    assert "Vérifier la pièce" in read(client, "rights_request", request.pk)
    copy = client.get(reverse("admin:rights_document", args=[request.pk]))
    assert b"".join(copy.streaming_content) == PDF
    assert "attachment" in copy["Content-Disposition"]
    assert JournalEntry.objects.filter(action="read", model="privacy.RequesterDocument", actor=dpo.pk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        post(client, "rights_document_act", request.pk, "verifier")
    document.refresh_from_db()
    request.refresh_from_db()
    assert not default_storage.exists(path)
    assert (document.file.name, document.wrapped_key, document.verified_by, document.kind) == ("", None, dpo, "card")
    assert (request.identity, request.is_suspended) == ("document", False)
    assert client.get(reverse("admin:rights_document", args=[request.pk])).status_code == 404


def test_a_document_that_proves_nothing_goes_and_another_may_come(client, dpo, django_capture_on_commit_callbacks):
    request = suspended(dpo)
    document = identity.add(request, kind="card", stream=io.BytesIO(PDF), now=timezone.now())
    path = document.file.name
    with pytest.raises(identity.Refused):
        identity.add(request, kind="card", stream=io.BytesIO(PDF), now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        post(client, "rights_document_act", request.pk, "ecarter")
    assert not default_storage.exists(path)
    assert not RequesterDocument.objects.exists()
    request.refresh_from_db()
    assert request.is_suspended
    identity.add(request, kind="passport", stream=io.BytesIO(PDF), now=timezone.now())


@pytest.mark.parametrize("content", [b"", b"MZ\x90", b"<html>", b"%PDF-" + b"x" * (10 * 1024**2)])
def test_what_is_no_document_is_refused_and_not_kept(dpo, media, content):
    with pytest.raises(identity.Refused):
        identity.add(suspended(dpo), kind="card", stream=io.BytesIO(content), now=timezone.now())
    assert not RequesterDocument.objects.exists()
    assert not (media / "identity").exists()


def test_nobody_sends_a_document_that_nobody_asked_for(dpo):
    with pytest.raises(identity.Refused):
        identity.add(asked(PersonFactory(), identity=""), kind="card", stream=io.BytesIO(PDF), now=timezone.now())


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AGENT, Role.ADMINISTRATOR])
def test_a_document_is_for_the_dpo_alone(client, role):
    request = suspended(UserFactory(role=Role.DPO))
    document = identity.add(request, kind="card", stream=io.BytesIO(PDF), now=timezone.now())
    client.force_login(UserFactory(role=role))
    assert client.get(reverse("admin:rights_document", args=[request.pk])).status_code in (302, 403)
    post(client, "rights_document_act", request.pk, "verifier")
    document.refresh_from_db()
    assert document.verified_at is None


def test_without_doubt_the_dpo_says_so_and_nothing_else(client, dpo):
    request = asked(PersonFactory(), identity="")
    assert "Dites comment" in post(client, "rights_identity", request.pk, how="signed_in").content.decode()
    request.refresh_from_db()
    assert request.identity == ""
    post(client, "rights_identity", request.pk, how="known")
    request.refresh_from_db()
    assert request.identity == "known"


# Deciding and carrying out --------------------------------------------------------------------------------------------


def decide(client, request, outcome="granted", ground=""):
    return post(client, "rights_decide", request.pk, outcome=outcome, ground=ground)


def test_a_refusal_needs_a_ground_that_the_law_knows_for_this_right(client, dpo):
    request = asked(PersonFactory())
    wrong = decide(client, request, outcome="refused")
    assert wrong.status_code == 422
    assert "Choisissez un motif" in wrong.content.decode()
    assert decide(client, request, outcome="refused", ground="not_portable").status_code == 422
    decide(client, request, outcome="refused", ground="legal_claims")
    request.refresh_from_db()
    assert (request.outcome, request.ground) == ("refused", "legal_claims")


def test_the_second_of_two_dpos_is_told(client, dpo, client_factory):
    request = asked(PersonFactory())
    decide(client, request)
    colleague = client_factory()
    colleague.force_login(UserFactory(role=Role.DPO))
    answer = decide(colleague, request, outcome="refused", ground="excessive")
    assert answer.status_code == 422
    assert "déjà décidée" in answer.content.decode()
    request.refresh_from_db()
    assert request.outcome == "granted"


def test_nothing_is_granted_to_nobody_knows_whom(client, dpo):
    request = asked(PersonFactory(), identity="")
    assert "identité n’est pas encore établie" in decide(client, request).content.decode()


def test_a_restriction_is_begun_for_the_case_that_is_chosen(client, dpo):
    request = asked(PersonFactory(), right="restriction")
    decide(client, request)
    assert "Choisissez lequel des quatre cas" in post(client, "rights_execute", request.pk, reason="").content.decode()
    assert not Restriction.objects.exists()
    post(client, "rights_execute", request.pk, reason="claims")
    assert Restriction.objects.get().reason == "claims"


def test_an_objection_that_is_weighed_is_upheld_by_a_click(client, dpo):
    request = asked(PersonFactory(), right="objection", purpose="quality")
    assert "À peser" in read(client, "rights_request", request.pk)
    decide(client, request)
    post(client, "rights_execute", request.pk)
    assert Objection.objects.get().state == "upheld"


def test_an_erasure_takes_its_reference_typed_and_is_answered_in_the_same_act(
    client, dpo, django_capture_on_commit_callbacks, mailoutbox
):
    person = PersonFactory(family_name="Canari", email="canari@exemple.example")
    ComplaintFactory(person=person)
    request = asked(person)
    page = read(client, "rights_erasure", request.pk)
    assert "Réclamations" in page
    assert "Décidez d’abord" in page
    decide(client, request)
    wrong = post(client, "rights_erasure", request.pk, reference="oui")
    assert wrong.status_code == 422
    assert f"recopiez exactement {request.reference}" in wrong.content.decode()
    assert Person.objects.filter(pk=person.pk).exists()
    with django_capture_on_commit_callbacks(execute=True):
        post(client, "rights_erasure", request.pk, reference=request.reference.lower())
    assert not Person.objects.filter(pk=person.pk).exists()
    request.refresh_from_db()
    letter = Letter.objects.get()
    assert (request.person, letter.kind, letter.sent_to) == (None, "answer", "")
    assert request.answered_at is not None
    assert "Vos données sont effacées" in letter.text
    assert "Effacée" in read(client, "rights_request", request.pk)
    assert (
        "plus rien à effacer"
        in post(client, "rights_erasure", request.pk, reference=request.reference).content.decode()
    )


def test_an_erasure_asks_for_a_recent_login(client):
    user = user_with_password(role=Role.DPO)
    sign_in(client, user)
    request = asked(PersonFactory())
    decide(client, request)
    address = reverse("admin:rights_erasure", args=[request.pk])
    assert client.get(address).status_code == 200
    session = client.session
    session["signed_in_at"] -= 20 * 60
    session.save()
    answer = client.post(address, {"reference": request.reference})
    assert answer.status_code == 302
    assert answer.url.startswith("/compte/")
    assert Person.objects.filter(pk=request.person_id).exists()


def test_each_right_s_page_says_its_next_act(client, dpo):
    person = PersonFactory()
    said = {"objection": {"purpose": "quality"}, "withdrawal": {"purpose": "surveys"}}
    for right in RightsRequest.Right.values:
        request = asked(person, right=right, **said.get(right, {}))
        page = read(client, "rights_request", request.pk)
        assert standing.Standing(request, timezone.localdate()).next_act.words in page, right
        assert "Dominique Pons" not in page


def test_the_history_says_who_and_when(client, dpo):
    request = asked(PersonFactory())
    decide(client, request)
    page = read(client, "rights_request", request.pk)
    assert "décidée, Dominique Pons" in page


def test_opening_one_is_told_to_the_journal(client, dpo):
    request = asked(PersonFactory())
    read(client, "rights_request", request.pk)
    opened = JournalEntry.objects.filter(action="read", actor=dpo.pk)
    assert {("privacy.RightsRequest", request.pk), ("accounts.Person", request.person_id)} == set(
        opened.values_list("model", "object_id")
    )


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"days_ago": 0}, "dans"),
        ({"days_ago": 60}, "en retard de"),
    ],
)
def test_the_days_left_are_said_in_words(said, words):
    request = asked(PersonFactory(), **said)
    assert standing.Standing(request, timezone.localdate()).words.startswith(words)


def test_the_due_day_is_today_in_words():
    request = RightsRequest(pk=1, right="access", received_on=date(2026, 3, 10), person_id=1)
    assert standing.Standing(request, date(2026, 4, 10)).words == "à rendre aujourd’hui"
    assert standing.Standing(request, date(2026, 4, 9)).words == "dans 1\N{NO-BREAK SPACE}jour"
    assert standing.Standing(request, date(2026, 4, 11)).words == "en retard de 1\N{NO-BREAK SPACE}jour"
