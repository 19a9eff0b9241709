"""The DPO's home: one look at every row, at what is late, and at what needs a hand; for nobody else."""

import re
from datetime import date, datetime, time, timedelta

import pytest
from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.utils import timezone

from accounts.models import Person, User
from accounts.roles import Role
from interventions.models import Intervention
from interventions.models.interventions import Status
from privacy import policy
from privacy.dashboard import dashboard
from privacy.holds import approve_hold, open_hold
from privacy.models import LegalHold, PurgeApproval, Visit
from privacy.publishing import publish_policy
from privacy.retention import watch
from privacy.retention.approval import NothingHalted, approve_purge, halted_rules
from privacy.retention.due import PARIS, due_on
from privacy.retention.purge import purge
from tests.factories import InterventionFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

RULE = "interventions:interventions.intervention"


@pytest.fixture(autouse=True)
def installed_long_ago(monkeypatch):
    monkeypatch.setattr(watch, "installed_at", lambda: timezone.now() - timedelta(days=1000))


@pytest.fixture
def dpo(client):
    user = UserFactory(role=Role.DPO)
    client.force_login(user)
    return user


def closed(days_ago):
    then = timezone.localtime() - timedelta(days=days_ago)  # at the same hour in Paris, winter or summer
    return InterventionFactory(status=Status.CLOSED, opened_at=then, closed_at=then)


def line(key, *, now=None):
    board = dashboard(now=now or timezone.now())
    return next(line for line in [*board["lines"], *board["proposals"]] if line.report.row.key == key)


def read(client, address="/admin/"):
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ").replace("&nbsp;", " ")


def test_every_row_gap_and_contradiction_is_there(client, dpo):
    page = read(client)
    for row in [*policy.ROWS, *policy.PROPOSALS]:
        assert row.label in page
    for contradiction in policy.CONTRADICTIONS:
        assert contradiction.subject in page


def test_a_bar_tells_the_oldest_against_its_limit_in_days(client, dpo):
    closed(100)
    found = line("interventions")
    assert (found.age, found.late) == (100, False)
    assert 424 <= found.limit <= 428
    page = read(client)
    assert f"100 jours sur {found.limit}" in page
    assert f'max="{found.limit}" value="100"' in page
    assert 'class="late"' not in page


def test_red_is_for_what_a_run_should_have_deleted(client, dpo):
    closed(500)
    assert line("interventions").late
    page = read(client)
    assert page.count('class="late"') == 2  # interventions, and the statistics that go with them
    assert "en retard" in page
    purge(now=timezone.now(), commit=True)
    assert not line("interventions").late


def test_what_is_due_since_midnight_is_not_late_yet():
    started = closed(100).closed_at
    due_at = midnight_due(started)
    assert line("interventions", now=due_at + timedelta(hours=1)).report.due == 1
    assert not line("interventions", now=due_at + timedelta(hours=1)).late
    assert line("interventions", now=due_at + timedelta(hours=2, minutes=1)).late


def midnight_due(started):
    """When a row whose clock is `started` becomes due."""
    return datetime.combine(due_on(started, policy.ROWS[0].period), time(), PARIS)


def test_a_new_installation_is_not_late(monkeypatch):
    closed(500)
    assert line("interventions").late
    monkeypatch.setattr(watch, "installed_at", lambda: timezone.now() - timedelta(hours=1))
    assert not line("interventions").late


def test_the_late_purge_is_an_alarm(client, dpo):
    publish_policy(now=timezone.now())
    assert "La purge ne passe plus" in read(client)
    purge(now=timezone.now(), commit=True)
    page = read(client)
    assert "La purge ne passe plus" not in page
    assert "rien n’est en retard" in page


def test_an_unpublished_text_is_an_alarm(client, dpo):
    assert "publish_policy" in read(client)
    publish_policy(now=timezone.now())
    assert "publish_policy" not in read(client)


def test_the_chart_counts_what_receipts_tell_day_by_day():
    now = timezone.now()
    closed(500)
    closed(500)
    purge(now=now - timedelta(days=3), commit=True)
    board = dashboard(now=now)
    assert len(board["bars"]) == 30
    deleted = [bar.deleted for bar in board["bars"]]
    assert deleted[-4] == board["deleted"] == board["most"] >= 2
    assert board["bars"][-4].height == 100
    assert [bar.height for bar in board["bars"]].count(0) == 29


def test_the_simulation_tells_the_true_counts_and_deletes_nothing(client, dpo):
    row = closed(500)
    response = client.post("/admin/simulation/")
    outcomes = {outcome.key: outcome.deleted for outcome, _, _ in response.context["outcomes"]}
    assert outcomes[RULE] == 1
    assert Intervention.objects.filter(pk=row.pk).exists()
    result = purge(now=timezone.now(), commit=True)
    assert {outcome.key: outcome.deleted for outcome in result.outcomes} == outcomes
    assert client.get("/admin/simulation/").status_code == 405


def test_a_halted_rule_waits_for_the_dpo_s_go_ahead(client, dpo, settings):
    settings.PURGE_ALARM = {"share": 0.5, "rows": 2}
    rows = [closed(500), closed(500)]
    now = timezone.now()
    assert halted_rules(now=now) == []
    purge(now=now, commit=True)
    assert [(halted.rule, halted.rows, halted.approved) for halted in halted_rules(now=now)] == [(RULE, 2, False)]
    assert "Donner l’accord" in read(client)
    client.post("/admin/accord/", {"rule": RULE})
    client.post("/admin/accord/", {"rule": RULE})
    assert [(given.rule, given.approved_by) for given in PurgeApproval.objects.all()] == [(RULE, dpo)]
    page = read(client)
    assert "Accord donné, au prochain passage" in page
    assert "Donner l’accord" not in page
    purge(now=now, commit=True)
    assert not Intervention.objects.filter(pk__in=[row.pk for row in rows]).exists()
    assert halted_rules(now=now) == []


def test_no_go_ahead_without_a_halt(dpo):
    with pytest.raises(NothingHalted):
        approve_purge(RULE, by=dpo, now=timezone.now())


def test_a_hold_is_opened_approved_and_released_from_the_site(client, dpo):
    row = closed(100)
    review_on = (timezone.now() + timedelta(days=60)).date()
    asked = {"model": "interventions.Intervention", "numbers": f"{row.pk}", "ground": "Litige", "review_on": review_on}
    assert "rien sous le numéro 999999" in client.post(
        "/admin/privacy/legalhold/add/", {**asked, "numbers": "999999"}
    ).content.decode().replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "Des numéros seulement"
        in client.post("/admin/privacy/legalhold/add/", {**asked, "numbers": "douze"}).content.decode()
    )
    assert not LegalHold.objects.exists()
    client.post("/admin/privacy/legalhold/add/", asked)
    hold = LegalHold.objects.get()
    address = f"/admin/privacy/legalhold/{hold.pk}/"
    assert f"Gel {hold.pk}" in read(client)
    assert "approuver/" not in read(client, f"{address}change/")
    client.post(f"{address}approuver/")
    hold.refresh_from_db()
    assert hold.approved_at is None
    colleague = UserFactory(role=Role.DPO)
    client.force_login(colleague)
    assert "approuver/" in read(client, f"{address}change/")
    client.post(f"{address}approuver/")
    hold.refresh_from_db()
    assert hold.approved_by == colleague
    later = timezone.localdate() + timedelta(days=150)
    client.post(f"{address}revoir/", {"review_on": later})
    client.post(f"{address}revoir/", {"review_on": later + timedelta(days=60)})  # too far off
    client.post(f"{address}revoir/", {"review_on": "bientôt"})
    hold.refresh_from_db()
    assert hold.review_on == later
    client.post(f"{address}lever/")
    hold.refresh_from_db()
    assert hold.released_at is not None
    assert "lever/" not in read(client, f"{address}change/")


def test_what_is_held_back_is_told_with_its_reason_and_leads_to_it(client, dpo):
    row = closed(100)
    hold = open_hold(
        [row], ground="Litige", review_on=timezone.localdate() + timedelta(days=60), by=dpo, now=timezone.now()
    )
    approve_hold(hold, by=UserFactory(role=Role.DPO), now=timezone.now())
    Intervention.objects.filter(pk=row.pk).update(closed_at=timezone.now() - timedelta(days=500))
    found = line("interventions")
    assert (found.report.due, found.late) == (0, False)
    assert found.blocked == [(1, "gel juridique", "/admin/privacy/legalhold/")]
    told = '<a href="/admin/privacy/legalhold/">1 (gel juridique)</a>'
    assert told in read(client)
    assert told in client.post("/admin/simulation/").content.decode()


def test_a_hold_to_review_is_an_alarm(client, dpo):
    LegalHold.objects.create(ground="Litige", opened_by=dpo, opened_at=timezone.now(), review_on=date(2026, 1, 1))
    assert re.search(r"Gel \d+</a> à revoir depuis le 1er janvier 2026", read(client))


PAGES = [
    "purgerun",
    "receipt",
    "purgeapproval",
    "fileremoval",
    "legalhold",
    "restriction",
    "policyversion",
    "visit",
    "cookiechoice",
    "journalentry",
]


@pytest.mark.parametrize("page", PAGES)
def test_the_dpo_reads_every_list_and_writes_in_none(client, dpo, page):
    purge(now=timezone.now(), commit=True)
    assert client.get(f"/admin/privacy/{page}/").status_code == 200
    assert client.post(f"/admin/privacy/{page}/1/delete/").status_code in (302, 403)
    if page != "legalhold":
        assert client.get(f"/admin/privacy/{page}/add/").status_code == 403


@pytest.mark.parametrize("role", [role for role in Role if role != Role.DPO])
def test_nobody_else_sees_the_board_or_acts_in_the_dpo_s_place(client, role, dpo):
    row = closed(100)
    hold = LegalHold.objects.create(
        ground="Litige", opened_by=dpo, opened_at=timezone.now(), review_on=timezone.localdate()
    )
    assert "Les sept lignes" in read(client)
    client.force_login(UserFactory(role=role))
    assert "Les sept lignes" not in client.get("/admin/").content.decode()
    acts = ["simulation/", "accord/", "privacy/legalhold/add/"]
    acts += [f"privacy/legalhold/{hold.pk}/{act}/" for act in ("approuver", "revoir", "lever")]
    if role == Role.ADMINISTRATOR:
        acts.remove("simulation/")  # it deletes nothing, and who runs the servers may ask
    for act in acts:
        assert client.post(f"/admin/{act}", {"rule": RULE, "review_on": "2030-01-01"}).status_code in (302, 403)
    hold.refresh_from_db()
    assert (hold.approved_at, hold.released_at, hold.review_on) == (None, None, timezone.localdate())
    assert LegalHold.objects.count() == 1
    for page in ("legalhold", "restriction", "purgeapproval", "visit", "cookiechoice"):
        assert client.get(f"/admin/privacy/{page}/").status_code in (302, 403)
    assert Intervention.objects.filter(pk=row.pk).exists()


def test_the_admin_s_log_names_nobody(client):
    administrator = UserFactory(role=Role.ADMINISTRATOR)
    client.force_login(administrator)
    person = PersonFactory(family_name="Canari", given_name="Louise")
    phones = {"phones-TOTAL_FORMS": 0, "phones-INITIAL_FORMS": 0}
    created = {"created_at_0": "2026-03-10", "created_at_1": "21:30:00"}
    changed = {**created, "family_name": "Canarison", "given_name": "Louise", "language": "fr", **phones}
    assert client.post(f"/admin/accounts/person/{person.pk}/change/", changed).status_code == 302
    assert Person.objects.get().family_name == "Canarison"
    added = {"email": "louise.canari@exemple.example", "full_name": "Louise Canari", "role": "agent"}
    passwords = {"usable_password": "true", "password1": "pont-lent-neige-42", "password2": "pont-lent-neige-42"}
    assert client.post("/admin/accounts/user/add/", added | passwords).status_code == 302
    assert User.objects.filter(full_name="Louise Canari").exists()
    told = " ".join(f"{entry.object_repr} {entry.change_message}" for entry in AdminLogEntry.objects.all())
    assert AdminLogEntry.objects.count() == 2
    assert "anari" not in told
    assert "Louise" not in told


def test_the_board_costs_a_bounded_number_of_queries(client, dpo, django_assert_max_num_queries):
    for _ in range(3):
        closed(100)
    purge(now=timezone.now(), commit=True)
    read(client)
    with django_assert_max_num_queries(330):  # some six for each rule, whatever is held
        read(client)


def test_a_visit_that_is_due_is_neither_listed_nor_opened(client, dpo):
    now = timezone.now()
    kept, due = (
        Visit.objects.create(at=then, page=f"page-{days}", first_deposit_at=then)
        for days, then in ((days, now - timedelta(days=days)) for days in (10, 500))
    )
    page = client.get("/admin/privacy/visit/").content.decode()
    assert kept.page in page
    assert due.page not in page
    assert client.get(f"/admin/privacy/visit/{kept.pk}/change/").status_code == 200
    assert client.get(f"/admin/privacy/visit/{due.pk}/change/").status_code == 302
