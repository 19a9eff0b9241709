"""Messages to people: written with what they are about, sent after it, once, and then without a word of them left."""

import json
import logging
import smtplib
from datetime import timedelta

import pytest
from celery.signals import before_task_publish
from dateutil.relativedelta import relativedelta
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from kombu import pools

from accounts.roles import Role
from privacy import tasks
from privacy.models import OutgoingMessage
from privacy.outbox import MessageKind, UnknownKind, absolute, kinds, send, sms
from privacy.outbox.sending import PAUSES, claim, deliver
from privacy.policy import ROWS_BY_KEY
from privacy.retention.purge import purge
from sofratel import celery_app
from tests.concurrency import meanwhile
from tests.factories import NOW, PersonFactory, UserFactory
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

ADDRESS, NUMBER, CODE = "canari@exemple.example", "+33612345678", "483920"
LINK = "http://127.0.0.1:8000/portail/lien/canari-du-lien/"
MINUTE = timedelta(minutes=1)


def mail_out(**said):
    return send(**{"kind": "follow_link", "to": ADDRESS, "link": LINK, "now": NOW} | said)


def text_out(**said):
    return mail_out(**{"to": NUMBER} | said)


def state(message):
    message.refresh_from_db()
    return "sent" if message.sent_at else "given up" if message.given_up_at else "waiting"


def kept(message):
    """The row as the database holds it, and not as the model reads it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(m)::text FROM privacy_outgoingmessage m WHERE id = %s", [message.pk])
        return cursor.fetchone()[0]


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG)

    def logged():
        return "\n".join(str(record.__dict__) for record in caplog.records)

    return logged


# Sending --------------------------------------------------------------------------------------------------------------


def test_an_address_gets_a_mail_and_a_number_an_sms():
    by_mail, by_sms = mail_out(), text_out()
    deliver_all(NOW)

    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([ADDRESS], "Suivre votre demande")
    assert LINK in letter.body
    (text,) = sms.outbox
    assert text.to == NUMBER
    assert LINK in text.text
    assert (state(by_mail), state(by_sms)) == ("sent", "sent")
    assert (by_mail.channel, by_sms.channel, by_sms.provider_reference) == ("mail", "sms", "1")


def test_a_mail_is_plain_text_that_nobody_answers():
    mail_out()
    deliver_all(NOW)

    source = mail.outbox[0].message()
    assert (source.get_content_type(), source["Auto-Submitted"]) == ("text/plain", "auto-generated")
    assert not mail.outbox[0].attachments


def test_nothing_is_escaped():
    link = absolute("/portail/?a=1&b=2")
    mail_out(link=link)
    deliver_all(NOW)
    assert link in mail.outbox[0].body


@pytest.mark.parametrize("language", ["tr", "zz", ""])
def test_a_language_that_we_do_not_write_is_french(language):
    mail_out(language=language)
    deliver_all(NOW)
    assert mail.outbox[0].subject == "Suivre votre demande"


def test_the_code_is_in_the_message():
    send("sign_up_code", to=NUMBER, code=CODE, now=NOW)
    send("sign_up_code", to=ADDRESS, code=CODE, now=NOW)
    deliver_all(NOW)
    assert CODE in sms.outbox[0].text
    assert CODE in mail.outbox[0].body


def test_an_unknown_kind_is_an_error_at_once():
    with pytest.raises(UnknownKind):
        mail_out(kind="no_such_kind")
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("to", ["", "0612345678", "+33", "+33 6 12 34 56 78", "pas une adresse", "a@b.fr\nBcc: c@d.fr"])
def test_what_is_no_address_is_an_error_at_once(to):
    with pytest.raises(ValidationError):
        mail_out(to=to)
    assert not OutgoingMessage.objects.exists()


@pytest.mark.parametrize("link", ["/portail/", "https://ailleurs.example/", "http://127.0.0.1:8000.ailleurs.example/"])
def test_a_message_leads_nowhere_else(link):
    with pytest.raises(ValueError, match="a page of this site"):
        mail_out(link=link)


def test_it_leaves_with_the_transaction_or_not_at_all(django_capture_on_commit_callbacks):
    published = []

    def note(sender, body, **kwargs):
        published.append((sender, body[0]))

    before_task_publish.connect(note)
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        mail_out()
        transaction.set_rollback(True)
    assert published == []
    assert not OutgoingMessage.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        message = mail_out()
        assert published == []
    before_task_publish.disconnect(note)
    assert published == [("privacy.tasks.deliver_message", (message.pk,))]  # the id, and nothing else


@pytest.fixture
def broker_down(monkeypatch):
    def reconnect():
        celery_app.pool.force_close_all()
        celery_app._pool = celery_app.amqp._producer_pool = None
        pools.reset()

    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("CELERY_BROKER_URL", "redis://127.0.0.1:1")
        reconnect()
        yield
    reconnect()


def test_a_broker_that_is_down_fails_no_request(django_capture_on_commit_callbacks, broker_down, logged):
    with django_capture_on_commit_callbacks(execute=True):
        message = mail_out()
    assert "OperationalError" in logged()

    assert state(message) == "waiting"
    deliver_all(NOW + MINUTE)
    assert state(message) == "sent"


# Nothing is left of it ------------------------------------------------------------------------------------------------


def test_what_waits_is_sealed_and_what_left_says_nothing(logged):
    person = PersonFactory(family_name="Canari")
    messages = [
        mail_out(person=person, code=CODE),
        text_out(person=person, code=CODE, kind="sign_up_code"),
    ]
    canaries = ["Canari", ADDRESS, NUMBER, NUMBER[3:], CODE, LINK, "canari-du-lien"]
    for message in messages:
        assert json.loads(message.content) == message.said() != {}
        assert '"content":"\\\\x' in kept(message)
        assert not [canary for canary in canaries if canary in kept(message)]

    deliver_all(NOW)
    assert ADDRESS in mail.outbox[0].to
    assert CODE in sms.outbox[0].text
    for message in messages:
        assert state(message) == "sent"
        assert '"content":null' in kept(message)
        assert not [canary for canary in canaries if canary in kept(message)]
    assert "message sent" in logged()
    assert not [canary for canary in canaries if canary in logged()]


def test_the_database_keeps_no_content_of_what_has_ended():
    message = mail_out()
    with pytest.raises(IntegrityError, match="outgoing_message_content_ends"), transaction.atomic():
        OutgoingMessage.objects.filter(pk=message.pk).update(sent_at=NOW)
    with pytest.raises(IntegrityError, match="outgoing_message_content_ends"), transaction.atomic():
        OutgoingMessage.objects.filter(pk=message.pk).update(content=None)


def test_it_goes_with_its_row_of_the_policy_or_with_its_person():
    kept_for = ROWS_BY_KEY["interventions"].period.length
    old, young = (
        mail_out(now=timezone.localtime() - kept_for),  # at the same hour in Paris, winter or summer
        mail_out(now=timezone.localtime() - kept_for + relativedelta(days=2)),
    )
    assert set(OutgoingMessage.objects.all()) == {old, young}
    purge(now=timezone.now(), commit=True)
    assert set(OutgoingMessage.objects.all()) == {young}

    with_person = mail_out(person=PersonFactory())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_person WHERE id = %s", [with_person.person_id])
    assert set(OutgoingMessage.objects.all()) == {young}


# Failures -------------------------------------------------------------------------------------------------------------


class MailServer(BaseEmailBackend):
    """Fails as it is told, then works. What it fails on may have got through all the same."""

    failures: list[Exception] = []
    received: list[EmailMessage] = []
    takes_it_before_failing = False

    def send_messages(self, email_messages):
        failure = self.failures.pop(0) if self.failures else None
        if failure is None or self.takes_it_before_failing:
            self.received.extend(email_messages)
        if failure:
            raise failure
        return len(email_messages)


@pytest.fixture
def server(settings, monkeypatch):
    settings.EMAIL_BACKEND = f"{__name__}.MailServer"
    monkeypatch.setattr(MailServer, "failures", [])
    monkeypatch.setattr(MailServer, "received", [])
    monkeypatch.setattr(MailServer, "takes_it_before_failing", False)
    return MailServer


def test_a_failure_is_tried_again_later_each_time_a_little_more(server, logged):
    server.failures = [ConnectionRefusedError(), TimeoutError(), smtplib.SMTPServerDisconnected(ADDRESS), OSError()]
    message, at = mail_out(), NOW
    for attempt, pause in enumerate(PAUSES[:4], start=1):
        deliver(message.pk, now=at)
        assert (state(message), message.attempts, message.next_try_at) == ("waiting", attempt, at + pause)
        deliver(message.pk, now=at + pause - timedelta(seconds=1))
        assert state(message) == "waiting"
        assert message.attempts == attempt, "not before its time"
        at += pause
    deliver(message.pk, now=at)

    assert (state(message), message.attempts) == ("sent", 5)
    assert len(server.received) == 1
    assert "ConnectionRefusedError" in logged()
    assert ADDRESS not in logged()


def test_after_the_last_attempt_it_is_given_up_and_told(server, logged):
    server.failures = [OSError(ADDRESS)] * 100
    message, at = mail_out(kind="survey"), NOW
    for pause in PAUSES:
        deliver(message.pk, now=at)
        assert state(message) == "waiting"
        at += pause
    deliver(message.pk, now=at)

    assert (state(message), message.content, message.attempts) == ("given up", None, len(PAUSES) + 1)
    assert "message given up" in logged()
    assert ADDRESS not in logged()


def refused_with(code):
    return smtplib.SMTPRecipientsRefused({ADDRESS: (code, ADDRESS.encode())})


def test_an_address_that_does_not_exist_is_given_up_at_once(server, logged):
    server.failures = [refused_with(550)]
    message = mail_out()
    deliver(message.pk, now=NOW)
    assert state(message) == "given up"
    assert "SMTP 550" in logged()
    assert ADDRESS not in logged()


def test_an_address_that_is_busy_is_tried_again(server):
    server.failures = [refused_with(451)]
    message = mail_out()
    deliver(message.pk, now=NOW)
    assert state(message) == "waiting"


def test_a_copy_says_that_it_is_one(server):
    server.failures, server.takes_it_before_failing = [TimeoutError()], True
    message = mail_out()
    deliver(message.pk, now=NOW)
    deliver(message.pk, now=NOW + MINUTE)
    first, second = [letter.message()["Message-ID"] for letter in server.received]
    assert first == second == f"<{message.reference}@sofratel.example>"


def test_a_code_is_never_sent_late(logged):
    message = send("sign_up_code", to=NUMBER, code=CODE, now=NOW)
    deliver(message.pk, now=NOW + timedelta(minutes=10))
    assert state(message) == "given up"
    assert sms.outbox == []
    assert "too late" in logged()


def test_what_would_be_late_at_its_next_attempt_is_given_up_now(server):
    server.failures = [OSError()] * 3
    message = send("sign_up_code", to=ADDRESS, code=CODE, now=NOW)
    deliver(message.pk, now=NOW)
    deliver(message.pk, now=NOW + MINUTE)
    assert state(message) == "waiting"
    deliver(message.pk, now=NOW + 6 * MINUTE)
    assert (state(message), message.content) == ("given up", None)


# One hand at a time ---------------------------------------------------------------------------------------------------


def test_a_message_is_sent_once_however_often_it_is_asked_for():
    message = mail_out()
    for at in (NOW, NOW, NOW + MINUTE, NOW + timedelta(hours=1)):
        deliver(message.pk, now=at)
    assert len(mail.outbox) == 1


def test_a_message_that_is_gone_is_nothing_to_do():
    message = mail_out()
    OutgoingMessage.objects.all().delete()
    deliver(message.pk, now=NOW)
    assert mail.outbox == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_it_once():
    message = mail_out()
    outcome = meanwhile(lambda: deliver(message.pk, now=NOW), lambda: deliver(message.pk, now=NOW))
    assert outcome is None
    assert len(mail.outbox) == 1


def test_what_a_dead_worker_had_in_hand_is_found_again():
    message = mail_out(now=timezone.now() - 2 * MINUTE)
    claim(message.pk, now=message.queued_at)  # and then the power is cut
    assert state(message) == "waiting"
    assert mail.outbox == []

    asked = []
    before_task_publish.connect(note := lambda body, **kwargs: asked.append(body[0]))
    tasks.deliver_waiting()
    before_task_publish.disconnect(note)
    assert asked == [(message.pk,)]
    tasks.deliver_message(message.pk)
    assert state(message) == "sent"
    assert len(mail.outbox) == 1


def test_the_clock_asks_for_what_waits_and_for_nothing_else():
    now = timezone.now()
    mail_out(now=now)
    deliver_all(now)
    later = mail_out(now=now + timedelta(hours=1))
    waiting = mail_out(now=now)
    assert set(OutgoingMessage.objects.waiting(now=now)) == {waiting}
    assert set(OutgoingMessage.objects.waiting(now=now + timedelta(hours=1))) == {waiting, later}


# Every text -----------------------------------------------------------------------------------------------------------

GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
LONGEST_TOKEN = "a-_" + "A" * 40


BY_SMS = sorted(kind.key for kind in kinds.kinds.values() if not kind.mail_only)
WITHOUT_LINK = {"account_closed", "unknown_account"}  # there is nothing left to open, or nobody's to give


@pytest.fixture
def said(settings):
    settings.SITE_URL = "https://interventions.sofratel.example"
    return {"link": absolute(f"/portail/lien/{LONGEST_TOKEN}/"), "code": CODE, "now": NOW}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", sorted(kinds.kinds))
def test_every_kind_has_its_mail(kind, language, said):
    send(kind, to=ADDRESS, language=language, **said)
    deliver_all(NOW)

    (letter,) = mail.outbox
    assert letter.subject
    assert "03\u00a053\u00a001\u00a000\u00a000" in letter.body
    assert (said["link"] in letter.body or CODE in letter.body) == (kind not in WITHOUT_LINK)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", BY_SMS)
def test_every_sms_fits_into_one(kind, language, said):
    send(kind, to=NUMBER, language=language, **said)
    deliver_all(NOW)

    (text,) = sms.outbox
    assert said["link"] in text.text or CODE in text.text
    assert set(text.text) <= GSM, "another alphabet would halve what fits"
    assert len(text.text) <= 160


def test_what_is_for_mail_only_is_not_sent_by_sms():
    assert kinds.kind_of("password_reset").mail_only
    with pytest.raises(UnknownKind):
        text_out(kind="password_reset")
    assert not OutgoingMessage.objects.exists()


def test_an_app_brings_its_own_kinds():
    assert {"sign_up_code", "report_link", "follow_link", "survey"} <= set(kinds.kinds)
    kinds.register(MessageKind("only_for_this_test", "Sujet", lifetime=MINUTE))
    assert kinds.kind_of("only_for_this_test").lifetime == MINUTE
    del kinds.kinds["only_for_this_test"]


# Who sees the log -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.DPO, Role.ADMINISTRATOR])
def test_the_log_tells_that_and_when_but_not_what_and_to_whom(client, role):
    person = PersonFactory(family_name="Canari")
    now = timezone.now()
    sent = mail_out(person=person, now=now)
    deliver_all(now)
    late = send("sign_up_code", to=NUMBER, code=CODE, now=now - timedelta(hours=1))
    deliver(late.pk, now=now)
    waiting = mail_out(person=person, now=now)
    client.force_login(UserFactory(role=role))

    listed = client.get("/admin/privacy/outgoingmessage/").content.decode()
    page = client.get(f"/admin/privacy/outgoingmessage/{waiting.pk}/change/").content.decode()
    assert {"parti", "abandonné", "en attente"} <= set(listed.replace("<", ">").split(">"))
    assert "abandonné (1)" in listed
    assert f"fiche {person.pk}" in listed
    assert f"fiche {person.pk}" in page
    assert waiting.said()["to"] == ADDRESS
    for canary in ("Canari", ADDRESS, NUMBER, CODE, LINK):
        assert canary not in listed
        assert canary not in page
    only = client.get("/admin/privacy/outgoingmessage/?etat=abandonne").content.decode()
    assert f"/{late.pk}/change/" in only
    assert f"/{sent.pk}/change/" not in only
    assert client.post(f"/admin/privacy/outgoingmessage/{waiting.pk}/delete/").status_code == 403
    assert client.get("/admin/privacy/outgoingmessage/add/").status_code == 403


@pytest.mark.parametrize("role", [Role.ACCOUNTING, Role.AGENT, Role.TENANT, Role.LANDLORD_MANAGER])
def test_nobody_else_sees_the_log(client, role):
    client.force_login(UserFactory(role=role))
    assert client.get("/admin/privacy/outgoingmessage/").status_code in (302, 403)
