"""The register of breaches: a clock of 72 hours straight on, what articles 33 and 34 ask for, and all its versions."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from privacy import breaches
from privacy.breaches import BreachError, ChangedMeanwhile, Risk
from privacy.breaches_desk import Clock
from privacy.models import Breach, BreachEvent
from privacy.retention.purge import purge
from tests.factories import NOW, UserFactory
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
FRIDAY = NOW + timedelta(days=3)  # before a week-end, which shifts nothing
WHOLE = {
    "what": "Un fichier envoyé au mauvais bailleur.",
    "happened_from": NOW - HOUR,
    "happened_until": None,
    "nature": ["confidentiality"],
    "people_categories": "locataires",
    "people_number": 12,
    "data_categories": "coordonnées",
    "records_number": 12,
    "consequences": "Démarchage.",
    "measures_taken": "Fichier supprimé par qui l’a reçu.",
    "measures_planned": "",
}


@pytest.fixture
def dpo(client):
    user = UserFactory(role=Role.DPO)
    client.force_login(user)
    return user


def reported(by, *, aware_at=NOW, what="Un fichier envoyé au mauvais bailleur."):
    return breaches.report(what=what, aware_at=aware_at, by=by, now=aware_at)


def completed(breach, *, by, now=NOW, **known):
    return breaches.complete(breach, seen=breach.events.latest("pk").pk, by=by, now=now, **{**WHOLE, **known})


# The clock ------------------------------------------------------------------------------------------------------------


def test_72_hours_run_straight_on_over_a_week_end(dpo):
    breach = reported(dpo, aware_at=FRIDAY)
    assert breach.notify_by - breach.aware_at == 72 * HOUR
    assert Clock.of(breach, now=FRIDAY + 71 * HOUR).words == "Il reste 1\N{NO-BREAK SPACE}h"
    assert Clock.of(breach, now=FRIDAY + 71 * HOUR).state == "soon"
    assert Clock.of(breach, now=FRIDAY + 10 * HOUR).state == ""
    late = Clock.of(breach, now=FRIDAY + 75 * HOUR)
    assert (late.state, late.words, late.hours) == ("late", "Délai passé depuis 3\N{NO-BREAK SPACE}h", 72)


def test_the_clock_stops_where_it_was_notified(dpo):
    breach = reported(dpo)
    breaches.notify(breach, at=NOW + 20 * HOUR, by=dpo, now=NOW + 21 * HOUR)
    breach.refresh_from_db()
    clock = Clock.of(breach, now=NOW + 200 * HOUR)
    assert (clock.hours, clock.state, clock.words) == (20, "", "Notifiée en 20\N{NO-BREAK SPACE}h")


def test_the_dpo_is_reminded_at_24_48_and_66_hours_and_once_each(dpo):
    agent = UserFactory()
    breach = reported(agent)
    deliver_all(NOW)
    assert [message.to for message in mail.outbox] == [[dpo.email]]
    told = []
    for hours in range(80):
        if breaches.remind_all(now=NOW + hours * HOUR):
            told.append(hours)
        breaches.remind_all(now=NOW + hours * HOUR)
    assert told == [24, 48, 66]
    deliver_all(NOW + 66 * HOUR)
    assert breach.events.filter(kind="reminded").count() == 3
    assert f"/admin/violations/{breach.pk}/" in mail.outbox[-1].body
    assert "bailleur" not in mail.outbox[-1].body


def test_hours_that_were_missed_are_told_in_one_message(dpo):
    reported(dpo)
    assert breaches.remind_all(now=NOW + 50 * HOUR) == 1
    assert breaches.remind_all(now=NOW + 51 * HOUR) == 0
    assert breaches.remind_all(now=NOW + 66 * HOUR) == 1


def test_what_had_passed_when_it_was_reported_reminds_nobody(dpo):
    breaches.report(what="Trouvé tard.", aware_at=NOW, by=dpo, now=NOW + 30 * HOUR)
    assert breaches.remind_all(now=NOW + 31 * HOUR) == 0
    assert breaches.remind_all(now=NOW + 48 * HOUR) == 1


@pytest.mark.parametrize("decided", ["notified", "dismissed"])
def test_nobody_is_reminded_of_what_is_decided(dpo, decided):
    breach = reported(dpo)
    if decided == "notified":
        breaches.notify(breach, at=NOW, by=dpo, now=NOW)
    else:
        completed(breach, by=dpo, risk=Risk.NONE)
        breaches.dismiss(breach, reason="Le fichier était chiffré.", by=dpo, now=NOW)
    assert breaches.remind_all(now=NOW + 25 * HOUR) == 0


# Its steps ------------------------------------------------------------------------------------------------------------


def test_a_report_says_something_that_has_happened_and_is_one_when_sent_twice(dpo):
    for said in ({"what": " ", "aware_at": NOW}, {"what": "Fuite", "aware_at": NOW + HOUR}):
        with pytest.raises(BreachError):
            breaches.report(**said, by=dpo, now=NOW)
    assert not Breach.objects.exists()
    assert reported(dpo) == reported(dpo)


def test_a_late_notice_has_its_reason(dpo):
    breach, late = reported(dpo), NOW + 73 * HOUR
    with pytest.raises(BreachError, match="dites pourquoi"):
        breaches.notify(breach, at=late, by=dpo, now=late)
    breaches.notify(breach, at=late, late_reason="Découverte un dimanche.", by=dpo, now=late)
    breach.refresh_from_db()
    assert breach.late_reason
    with pytest.raises(IntegrityError), transaction.atomic():
        Breach.objects.filter(pk=breach.pk).update(late_reason="")


def test_a_notice_in_time_needs_no_reason_and_keeps_none(dpo):
    breach = reported(dpo)
    breaches.notify(breach, at=NOW + 72 * HOUR, late_reason="Inutile", by=dpo, now=NOW + 72 * HOUR)
    breach.refresh_from_db()
    assert (breach.notified_at, breach.late_reason) == (NOW + 72 * HOUR, "")


def test_it_is_not_notified_before_it_is_known_nor_in_the_time_to_come(dpo):
    breach = reported(dpo)
    for at in (NOW - HOUR, NOW + 2 * HOUR):
        with pytest.raises(BreachError):
            breaches.notify(breach, at=at, by=dpo, now=NOW + HOUR)


def test_only_without_a_likely_risk_it_need_not_be_notified(dpo):
    breach = reported(dpo)
    for risk in (Risk.UNKNOWN, Risk.SOME, Risk.HIGH):
        completed(breach, by=dpo, risk=risk)
        with pytest.raises(BreachError, match="sans risque"):
            breaches.dismiss(breach, reason="Bénin.", by=dpo, now=NOW)
    completed(breach, by=dpo, risk=Risk.NONE)
    with pytest.raises(BreachError):
        breaches.dismiss(breach, reason=" ", by=dpo, now=NOW)
    breaches.dismiss(breach, reason="Le fichier était chiffré.", by=dpo, now=NOW)
    assert not Breach.objects.undecided().exists()


def test_a_risk_found_later_starts_the_reminders_again(dpo):
    breach = reported(dpo)
    completed(breach, by=dpo, risk=Risk.NONE)
    breaches.dismiss(breach, reason="Le fichier était chiffré.", by=dpo, now=NOW)
    completed(breach, by=dpo, risk=Risk.SOME)
    assert Breach.objects.undecided().get() == breach


def test_more_is_told_in_phases_after_the_first_notice(dpo):
    breach = reported(dpo)
    with pytest.raises(BreachError, match="d’abord"):
        breaches.add_phase(breach, what="Le nombre exact.", by=dpo, now=NOW)
    breaches.notify(breach, at=NOW, by=dpo, now=NOW)
    breaches.add_phase(breach, what="Le nombre exact.", by=dpo, now=NOW)
    assert breach.events.get(kind="completed").note == "Le nombre exact."


def test_with_a_high_risk_people_are_told_or_one_of_three_grounds_says_why_not(dpo):
    breach = reported(dpo)
    completed(breach, by=dpo, risk=Risk.HIGH)
    breaches.notify(breach, at=NOW, by=dpo, now=NOW)
    with pytest.raises(BreachError, match="information des personnes"):
        breaches.close(breach, by=dpo, now=NOW)
    for ground, reason in (("", "Parce que."), ("whatever", "Parce que."), ("mended", " ")):
        with pytest.raises(BreachError):
            breaches.spare_people(breach, ground=ground, reason=reason, by=dpo, now=NOW)
    breaches.spare_people(breach, ground="mended", reason="Mots de passe changés.", by=dpo, now=NOW)
    breaches.close(breach, by=dpo, now=NOW)


def test_nothing_is_closed_that_the_law_still_asks_for(dpo):
    breach = reported(dpo)
    assert "la nature" in breaches.what_is_missing(breach)
    with pytest.raises(BreachError, match="Il manque"):
        breaches.close(breach, by=dpo, now=NOW)
    completed(breach, by=dpo, risk=Risk.SOME)
    with pytest.raises(BreachError, match="la notification"):
        breaches.close(breach, by=dpo, now=NOW)
    breaches.notify(breach, at=NOW, by=dpo, now=NOW)
    breaches.close(breach, by=dpo, now=NOW)
    with pytest.raises(BreachError, match="Rouvrez"):
        breaches.notify(breach, at=NOW, by=dpo, now=NOW)
    breaches.reopen(breach, reason="Une plainte.", by=dpo, now=NOW)
    assert Breach.objects.open().get() == breach


def test_the_second_of_two_is_told(dpo):
    breach = reported(dpo)
    seen = breach.events.latest("pk").pk
    breaches.complete(breach, seen=seen, by=dpo, now=NOW, people_number=3)
    with pytest.raises(ChangedMeanwhile):
        breaches.complete(breach, seen=seen, by=dpo, now=NOW, people_number=4)
    breach.refresh_from_db()
    assert breach.people_number == 3


def test_a_reminder_in_between_is_no_change(dpo):
    breach = reported(dpo)
    seen = breach.events.latest("pk").pk
    breaches.remind_all(now=NOW + 24 * HOUR)
    breaches.complete(breach, seen=seen, by=dpo, now=NOW + 25 * HOUR, people_number=4)


def test_each_version_stays_as_it_was(dpo):
    breach = reported(dpo)
    completed(breach, by=dpo, people_number=3)
    completed(breach, by=dpo, people_number=4)
    assert [event.content["people_number"] for event in breach.events.all()] == [None, 3, 4]
    for rewrite in (
        lambda: BreachEvent.objects.update(note="Rien."),
        lambda: BreachEvent.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rewrite()


def test_it_goes_five_years_after_its_end_with_its_versions(dpo):
    breach = reported(dpo)
    completed(breach, by=dpo, risk=Risk.NONE)
    breaches.dismiss(breach, reason="Le fichier était chiffré.", by=dpo, now=NOW)
    purge(now=NOW + timedelta(days=10 * 366), commit=True)
    assert Breach.objects.exists()  # as long as it is open
    breaches.close(breach, by=dpo, now=NOW)
    purge(now=NOW + timedelta(days=5 * 365 - 2), commit=True)
    assert Breach.objects.exists()
    purge(now=NOW + timedelta(days=5 * 366), commit=True)
    assert not Breach.objects.exists()
    assert not BreachEvent.objects.exists()


# The pages ------------------------------------------------------------------------------------------------------------


def act(client, breach, word, **said):
    said = {f"{word}-{name}": value for name, value in said.items()}
    return client.post(reverse("admin:breach", args=[breach.pk]), {"act": word, **said})


def known_in_a_form(breach, **known):
    said = {name: "" if value is None else value for name, value in {**WHOLE, **known}.items()}
    return {**said, "happened_from": "2026-03-10T20:00", "seen": breach.events.latest("pk").pk}


def test_the_dpo_is_led_to_the_end(client, dpo):
    now = timezone.now()
    said = {"what": "Un fichier envoyé au mauvais bailleur.", "aware_at": f"{timezone.localtime(now):%Y-%m-%dT%H:%M}"}
    assert client.post(reverse("admin:breach_new"), {**said, "what": ""}).status_code == 422
    client.post(reverse("admin:breach_new"), said)
    breach = Breach.objects.get()
    page = client.get(reverse("admin:breach", args=[breach.pk])).content.decode()
    assert "Il reste 7" in page
    assert "Ne pas notifier" not in page
    assert act(client, breach, "completer", **known_in_a_form(breach, risk="none")).status_code == 302
    assert "Ne pas notifier" in client.get(reverse("admin:breach", args=[breach.pk])).content.decode()
    assert act(client, breach, "clore").status_code == 422
    assert act(client, breach, "ecarter", reason="Le fichier était chiffré.").status_code == 302
    assert act(client, breach, "clore").status_code == 302
    page = client.get(reverse("admin:breach", args=[breach.pk])).content.decode()
    assert "Rouvrir la violation" in page
    assert "Fichier supprimé par qui l’a reçu." in page


def test_nothing_that_was_written_is_lost_when_it_cannot_be(client, dpo):
    breach = reported(dpo, aware_at=timezone.now())
    answer = act(client, breach, "completer", **known_in_a_form(breach, consequences="Usurpation", people_number="x"))
    assert answer.status_code == 422
    assert "Usurpation" in answer.content.decode()
    answer = act(client, breach, "notifier", at="2020-01-01T10:00", reference="CNIL-77")
    assert answer.status_code == 422
    assert "CNIL-77" in answer.content.decode()
    assert act(client, breach, "whatever").status_code == 404


def test_the_list_says_what_runs_and_what_is_late(client, dpo):
    now = timezone.now()
    reported(dpo, aware_at=now - 80 * HOUR, what="Clé perdue")
    reported(dpo, aware_at=now - HOUR, what="Serveur arrêté")
    page = client.get(reverse("admin:breaches")).content.decode()
    assert "Délai passé depuis 8" in page
    assert "Il reste 7" in page
    assert page.index("Clé perdue") < page.index("Serveur arrêté")


@pytest.mark.parametrize("rows", [1, 3, 30])
def test_pages_cost_twelve_queries_at_any_size(client, dpo, django_assert_max_num_queries, rows):
    for number in range(rows):
        breach = reported(dpo, aware_at=timezone.now() - HOUR, what=f"Fuite {number}")
        completed(breach, by=dpo, now=timezone.now())
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:breaches"))
    with django_assert_max_num_queries(12):
        client.get(reverse("admin:breach", args=[breach.pk]))


def test_it_prints(client, dpo):
    breach = reported(dpo)
    answer = client.get(reverse("admin:breach_pdf", args=[breach.pk]))
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize("role", [Role.AGENT, Role.ADMINISTRATOR, Role.ACCOUNTING, Role.TENANT])
def test_the_register_is_the_dpo_s_alone(client, dpo, role):
    breach = reported(dpo)
    addresses = [reverse("admin:breaches"), reverse("admin:breach_new"), reverse("admin:breach", args=[breach.pk])]
    addresses.append(reverse("admin:breach_pdf", args=[breach.pk]))
    assert {client.get(address).status_code for address in addresses} == {200}
    client.force_login(UserFactory(role=role))
    assert {client.get(address).status_code for address in addresses} <= {302, 403}


# From the desk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR, Role.DPO, Role.ACCOUNTING, Role.ADMINISTRATOR])
def test_anybody_at_work_reports_a_suspicion(client, dpo, role):
    user = dpo if role == Role.DPO else UserFactory(role=role)
    client.force_login(user)
    answer = client.post("/console/signaler-violation/", {"what": ""})
    assert answer.status_code == 422
    said = {"what": "Clé USB perdue.", "aware_at": f"{timezone.localtime():%Y-%m-%dT%H:%M}"}
    for _ in range(2):
        page = client.post("/console/signaler-violation/", said, follow=True).content.decode()
    breach = Breach.objects.get()
    assert (breach.what, breach.reported_by) == ("Clé USB perdue.", user)
    assert breach.reference in page
    deliver_all(timezone.now())
    assert [message.to for message in mail.outbox] == [[dpo.email]]


@pytest.mark.parametrize("role", [Role.TENANT, Role.LANDLORD_MANAGER])
def test_nobody_else_does(client, role):
    client.force_login(UserFactory(role=role))
    assert client.get("/console/signaler-violation/").status_code == 403
