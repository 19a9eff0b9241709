"""Letters: drafted, edited, sent once with their step, read by a link, and never changed after."""

import io
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from privacy.models import Letter, OutgoingMessage, RequesterDocument, RequestStep, RightsRequest
from privacy.rights import erasure, letters, workflow
from privacy.rights.workflow import RequestError
from tests.factories import ComplaintFactory, PersonFactory, UserFactory
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

EMAIL = "canari@exemple.example"
PDF = b"%PDF-1.7 rest"


@pytest.fixture
def dpo(client):
    user = UserFactory(role=Role.DPO)
    client.force_login(user)
    return user


@pytest.fixture
def person():
    return PersonFactory(family_name="Canari", email=EMAIL)


def asked(person, *, right="access", identity="", **said):
    now = timezone.now()
    return workflow.receive(
        person,
        right=right,
        channel="letter",
        received_on=timezone.localdate(now),
        identity=identity,
        by=None,
        now=now,
        **said,
    )


def address(request, kind):
    return reverse("admin:rights_letter", args=[request.pk, kind])


def typed(client, request, kind, **changes):
    """What the page holds, as a browser would send it back."""
    form = client.get(address(request, kind)).context["form"]
    return {bound.name: bound.value() or "" for bound in form} | changes


def send(client, request, kind, **changes):
    answer = client.post(address(request, kind), typed(client, request, kind, send="1", **changes), follow=True)
    request.refresh_from_db()
    return answer


def link_in(sent):
    return re.search(r"https?://[^/\s]+(/confidentialite/lettre/\S+/)", sent.body)[1]


@pytest.fixture
def post(django_capture_on_commit_callbacks):
    """Runs what sends, and returns the mails that left."""

    def post(act):
        mail.outbox.clear()
        with django_capture_on_commit_callbacks():
            act()
        deliver_all(timezone.now())
        return list(mail.outbox)

    return post


# Drafting and sending -------------------------------------------------------------------------------------------------


def test_sending_the_acknowledgement_acknowledges_by_a_link_alone(client, dpo, person, post):
    request = asked(person)
    (sent,) = post(lambda: send(client, request, "acknowledgement"))
    letter = Letter.objects.get()
    assert request.acknowledged_at == letter.sent_at
    assert (letter.kind, letter.way, letter.sent_to, letter.written_by) == ("acknowledgement", "message", EMAIL, dpo)
    assert request.reference in letter.text
    assert request.reference not in sent.body + sent.subject
    assert "Canari" not in sent.body + sent.subject
    assert link_in(sent).strip("/").split("/")[-1] not in str(Letter.objects.values())


def test_a_draft_is_kept_edited_then_sent_as_it_is(client, dpo, person):
    request = asked(person)
    client.post(address(request, "acknowledgement"), typed(client, request, "acknowledgement", text="Bonjour."))
    draft = Letter.objects.get()
    assert (draft.text, draft.sent_at) == ("Bonjour.", None)
    assert typed(client, request, "acknowledgement")["text"] == "Bonjour."
    request.refresh_from_db()
    assert request.acknowledged_at is None
    send(client, request, "acknowledgement", text="Bonjour,\r\nmerci.")
    draft.refresh_from_db()
    assert draft.text == "Bonjour,\nmerci."
    assert Letter.objects.count() == 1


def test_a_sent_letter_never_changes(client, dpo, person):
    request = asked(person)
    send(client, request, "acknowledgement")
    letter = Letter.objects.get()
    text = letter.text
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(text="Autre chose.")
    letter.refresh_from_db()
    assert letter.text == text


def test_sent_twice_it_leaves_once(client, dpo, person):
    request = asked(person)
    said = typed(client, request, "acknowledgement", send="1")
    client.post(address(request, "acknowledgement"), said)
    again = client.post(address(request, "acknowledgement"), said)
    assert again.status_code == 422
    assert "déjà parti" in again.content.decode()
    assert OutgoingMessage.objects.filter(kind="letter_ready").count() == 1
    assert request.steps.filter(kind=RequestStep.Kind.ACKNOWLEDGED).count() == 1


def test_two_dpos_on_one_draft_the_second_is_told_and_keeps_what_was_typed(client, dpo, person, client_factory):
    request = asked(person)
    said = typed(client, request, "acknowledgement", text="De la première.")
    colleague = client_factory()
    colleague.force_login(UserFactory(role=Role.DPO))
    colleague.post(address(request, "acknowledgement"), typed(colleague, request, "acknowledgement", text="Du second."))
    answer = client.post(address(request, "acknowledgement"), said | {"send": "1"})
    assert answer.status_code == 422
    assert "a changé ce brouillon" in answer.content.decode()
    assert "De la première." in answer.content.decode()
    assert Letter.objects.get().text == "Du second."


def test_the_identity_question_gives_its_reason_and_stops_the_clock(client, dpo, person):
    request = asked(person)
    refused = send(client, request, "identity")
    assert "Donnez la raison" in refused.content.decode()
    assert not request.is_suspended
    assert not Letter.objects.exists()
    send(client, request, "identity", reason="Le nom de la lettre n’est pas celui de la fiche.")
    assert request.is_suspended
    assert request.identity_reason == "Le nom de la lettre n’est pas celui de la fiche."
    assert "Le nom de la lettre n’est pas celui de la fiche." in Letter.objects.get().text
    assert "[la raison]" not in Letter.objects.get().text


def test_the_extension_gives_its_reason_and_the_new_date(client, dpo, person):
    request = asked(person)
    promised = letters.drafted(request, "extension", now=timezone.now())
    send(client, request, "extension", reason="Trois bailleurs à interroger.")
    assert request.extended_on == timezone.localdate()
    due = request.due_on(today=timezone.localdate())
    assert str(due.year) in promised
    text = Letter.objects.get().text
    assert "Trois bailleurs à interroger." in text
    assert "www.cnil.fr" in text


def test_a_late_extension_is_refused_and_nothing_leaves(client, dpo, person):
    request = asked(person)
    RightsRequest.objects.filter(pk=request.pk).update(received_on=timezone.localdate() - timedelta(days=50))
    answer = send(client, request, "extension", reason="Trois bailleurs à interroger.")
    assert answer.status_code == 422
    assert "Le délai pour prolonger est passé" in answer.content.decode()
    assert "Trois bailleurs à interroger." in answer.content.decode()
    assert not Letter.objects.exists()
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("outcome", ["refused", "partly"])
def test_a_refusal_tells_its_ground_the_cnil_and_the_court(client, dpo, person, outcome):
    request = asked(person, right="portability", identity="known")
    workflow.decide(request, outcome=outcome, ground="not_portable", by=dpo, now=timezone.now())
    if outcome == "partly":
        workflow.note_executed(request, by=dpo, now=timezone.now())
    request.refresh_from_db()
    text = letters.drafted(request, letters.answer_kind(request), now=timezone.now())
    for words in ("article 20, paragraphe 1", "3 place de Fontenoy", "tribunal judiciaire", "ni sur votre accord"):
        assert words in text


def test_an_answer_waits_for_the_decision_and_the_execution(client, dpo, person):
    request = asked(person, right="information", identity="known")
    assert "Décidez d’abord" in client.get(address(request, "answer"), follow=True).content.decode()
    workflow.decide(request, outcome="granted", by=dpo, now=timezone.now())
    assert "pas encore exécuté" in client.get(address(request, "answer"), follow=True).content.decode()
    workflow.note_executed(request, by=dpo, now=timezone.now())
    send(client, request, "answer")
    assert request.answered_at is not None


@pytest.mark.parametrize("right", RightsRequest.Right.values)
def test_each_right_has_its_answer(dpo, person, right):
    request = RightsRequest(pk=1, person=person, right=right, received_on=timezone.localdate(), purpose="polls")
    text = letters.drafted(request, "answer", now=timezone.now())
    assert "Voici notre réponse" in text
    assert not re.search(r"[{}]|None|\s[;:!?»]|«\s", text.replace("\N{NO-BREAK SPACE}", "_"))


@pytest.mark.parametrize("kind", Letter.Kind.values)
def test_each_letter_is_whole(dpo, person, kind):
    request = RightsRequest(pk=1, person=person, right="access", received_on=timezone.localdate(), ground="excessive")
    text = letters.drafted(request, kind, now=timezone.now())
    assert text.startswith("Madame, Monsieur,\n\n")
    assert "D000001" in text
    assert "\n\n\n" not in text


def test_a_paper_letter_is_printed_posted_and_noted(client, dpo):
    request = asked(None, requester_name="Madame Serin", reply_to="12 rue Haute, 59400 Cambrai")
    client.post(address(request, "acknowledgement"), typed(client, request, "acknowledgement"))
    page = client.get(reverse("admin:rights_letter_printed", args=[request.pk, Letter.objects.get().pk]))
    assert "Madame Serin" in page.content.decode()
    assert "12 rue Haute, 59400 Cambrai" in page.content.decode()
    assert send(client, request, "acknowledgement", to="poste").status_code == 200
    assert (Letter.objects.get().way, Letter.objects.get().token_hash) == ("post", "")
    assert request.acknowledged_at is not None
    assert not OutgoingMessage.objects.exists()


def test_it_goes_to_nobody_s_address_but_theirs(dpo, person):
    request = asked(person)
    with pytest.raises(RequestError, match="Choisissez une adresse"):
        letters.send(
            request, "acknowledgement", text="Bonjour.", to="autre@exemple.example", by=dpo, now=timezone.now()
        )
    assert not Letter.objects.exists()


def test_who_asks_for_another_is_answered_where_they_said(client, dpo, person):
    request = asked(person, requester="heir", requester_name="Anne Canari", reply_to="anne@exemple.example")
    assert letters.addresses_for(request) == ["anne@exemple.example", EMAIL]
    send(client, request, "acknowledgement")
    assert Letter.objects.get().sent_to == "anne@exemple.example"


@pytest.mark.parametrize("kind", ["autre", "answers", "1"])
def test_a_letter_that_does_not_exist_is_not_found(client, dpo, person, kind):
    assert client.get(address(asked(person), kind)).status_code == 404


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.SUPERVISOR])
def test_letters_are_the_dpo_s(client, person, role):
    request = asked(person)
    client.force_login(UserFactory(role=role))
    assert client.get(address(request, "acknowledgement")).status_code in (302, 403)
    client.post(address(request, "acknowledgement"), {"text": "Bonjour.", "to": "0", "send": "1"})
    assert not Letter.objects.exists()


# Reading --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(client, dpo, person, post, client_factory):
    """A letter that left, the address of its link, and the person's own browser."""

    def sent(kind="acknowledgement", **said):
        request = asked(person)
        (message,) = post(lambda: send(client, request, kind, **said))
        return request, link_in(message), client_factory()

    return sent


def code_for(browser, link, post):
    (message,) = post(lambda: browser.post(link, {"to": "0"}))
    return re.search(r"\b(\d{6})\b", message.body)[1]


def test_it_is_read_with_a_code_sent_to_where_it_went(sent, post):
    request, link, browser = sent()
    closed = browser.get(link)
    assert closed.status_code == 200
    assert request.reference not in closed.content.decode()
    assert "c•••@exemple.example" in closed.content.decode()
    code = code_for(browser, link, post)
    wrong = browser.post(link, {"code": "000000" if code != "000000" else "111111"})
    assert wrong.status_code == 422
    assert request.reference not in wrong.content.decode()
    page = browser.post(link, {"code": code}, follow=True).content.decode()
    assert request.reference in page
    assert request.reference in browser.get(link).content.decode()


def test_who_forwards_the_link_forwards_nothing(sent, post, client_factory):
    request, link, browser = sent()
    browser.post(link, {"code": code_for(browser, link, post)})
    assert request.reference in browser.get(link).content.decode()
    assert request.reference not in client_factory().get(link).content.decode()


def test_the_person_s_own_login_opens_it_and_no_other(sent, person, client_factory):
    request, link, _ = sent()
    own, other = client_factory(), client_factory()
    own.force_login(UserFactory(role=Role.TENANT, person=person))
    other.force_login(UserFactory(role=Role.TENANT, person=PersonFactory()))
    assert request.reference in own.get(link).content.decode()
    assert request.reference not in other.get(link).content.decode()


def test_codes_are_few(sent, post):
    _, link, browser = sent()
    for _ in range(5):
        post(lambda: browser.post(link, {"to": "0"}))
    assert browser.post(link, {"to": "0"}).status_code == 429


def test_the_link_dies_after_thirty_days(sent):
    _, link, browser = sent()
    assert browser.get(link).status_code == 200
    letter = Letter.objects.get()
    Letter.objects.filter(pk=letter.pk).delete()
    letter.pk, letter.sent_at = None, letter.sent_at - timedelta(days=30)
    letter.save(force_insert=True)
    assert browser.get(link).status_code == 410


def test_a_stranger_reads_what_says_nothing_of_anybody(client, dpo, post, client_factory):
    request = asked(None, requester_name="Madame Serin", reply_to="serin@exemple.example")
    (message,) = post(lambda: send(client, request, "acknowledgement"))
    assert request.reference in client_factory().get(link_in(message)).content.decode()


def test_by_the_code_the_person_confirms_that_it_is_they(sent, post):
    request, link, browser = sent()
    browser.post(link, {"confirm": "1"})
    request.refresh_from_db()
    assert request.identity == ""
    browser.post(link, {"code": code_for(browser, link, post)})
    browser.get(link)
    request.refresh_from_db()
    assert request.identity == ""  # not by looking
    browser.post(link, {"confirm": "1"})
    request.refresh_from_db()
    assert request.identity == "code"
    assert "déjà fait" in browser.post(link, {"confirm": "1"}, follow=True).content.decode()


def test_a_code_to_an_address_that_we_did_not_know_proves_nothing(client, dpo, person, post, client_factory):
    request = asked(person, requester_name="Autre", reply_to="autre@exemple.example")
    (message,) = post(lambda: send(client, request, "acknowledgement"))
    link, browser = link_in(message), client_factory()
    browser.post(link, {"code": code_for(browser, link, post)})
    assert request.reference in browser.get(link).content.decode()
    browser.post(link, {"confirm": "1"})
    request.refresh_from_db()
    assert request.identity == ""


def a_document():
    file = io.BytesIO(PDF)
    file.name = "carte.pdf"
    return file


def test_a_document_is_sent_by_the_letter_that_asked_for_it_once(sent, post):
    request, link, browser = sent("identity", reason="Le nom diffère.")
    assert browser.post(link, {"kind": "card", "file": a_document()}).status_code == 422  # closed
    assert not RequesterDocument.objects.exists()
    browser.post(link, {"code": code_for(browser, link, post)})
    assert "Envoyer la pièce" in browser.get(link).content.decode()
    browser.post(link, {"kind": "card", "file": a_document()})
    assert RequesterDocument.objects.get().request == request
    assert "Envoyer la pièce" not in browser.get(link).content.decode()
    assert browser.post(link, {"kind": "card", "file": a_document()}).status_code == 422
    assert RequesterDocument.objects.count() == 1


def test_other_letters_take_no_document(sent, post):
    _, link, browser = sent()
    browser.post(link, {"code": code_for(browser, link, post)})
    assert "Envoyer la pièce" not in browser.get(link).content.decode()
    browser.post(link, {"kind": "card", "file": a_document()})
    assert not RequesterDocument.objects.exists()


# After an erasure -----------------------------------------------------------------------------------------------------


def test_who_was_erased_reads_what_went_and_what_stays(dpo, person, post, client_factory):
    ComplaintFactory(person=person)
    request = asked(person, right="erasure", identity="known")
    workflow.decide(request, outcome="granted", by=dpo, now=timezone.now())
    (message,) = post(lambda: erasure.execute(request, by=dpo, now=timezone.now()))
    assert message.to == [EMAIL]
    page = client_factory().get(link_in(message)).content.decode()
    assert "Vos données sont effacées" in page
    assert "Canari" not in page
    request.refresh_from_db()
    assert request.answered_at is not None
    assert EMAIL not in str(list(Letter.objects.values()))


def test_without_an_address_the_answer_is_left_to_be_printed(dpo, client):
    person = PersonFactory(email="")
    request = asked(person, right="erasure", identity="known")
    workflow.decide(request, outcome="granted", by=dpo, now=timezone.now())
    erasure.execute(request, by=dpo, now=timezone.now())
    request.refresh_from_db()
    assert (request.person, request.answered_at) == (None, None)
    send(client, request, "answer", to="poste")
    assert request.answered_at is not None


def test_a_restriction_s_end_is_announced_by_a_letter_too(client, dpo, person, post):
    request = asked(person, right="restriction", identity="known", restriction_reason="claims")
    workflow.decide(request, outcome="granted", by=dpo, now=timezone.now())
    workflow.note_executed(request, by=dpo, now=timezone.now())
    send(client, request, "answer")
    *_, message = post(lambda: send(client, request, "lifting"))
    assert link_in(message)
    assert Letter.objects.get(kind="lifting").sent_at is not None
