"""Who agreed is counted, a row a page that knows neither who nor which browser; months become figures that stay."""

from datetime import UTC, date, datetime, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse

from accounts.roles import Role
from interventions.models import Status
from interventions.provider_links import renew_link
from privacy.models import AudienceFigure, ChoiceFigure, CookieChoice, Visit
from privacy.navigation.choices import choose
from privacy.navigation.figures import SMALLEST, audience, count_audience
from privacy.registry import registry
from privacy.retention.purge import purge
from tests.factories import NOW, InterventionFactory, ProviderFactory, UserFactory

pytestmark = pytest.mark.django_db

LANDLORDS = {"landlord", "landlord_api", "landlord_interfaces", "landlord_mornings"}
AT_WORK = {"console", "admin", "provider", "hotel", "telephony", "online_payments", *LANDLORDS}


def say(client, audience):
    return client.post("/cookies/choix/", {"audience": audience})


@pytest.fixture
def counted(client):
    """A browser whose owner agreed."""
    say(client, "yes")
    return client


def pages():
    return list(Visit.objects.order_by("pk").values_list("page", flat=True))


# Who is counted -------------------------------------------------------------------------------------------------------


def test_nobody_is_counted_who_did_not_agree(client):
    client.get("/")
    say(client, "no")
    client.get("/")
    assert pages() == []
    say(client, "yes")
    client.get("/")
    assert pages() == ["home"]
    say(client, "no")
    client.get("/")
    assert pages() == ["home"]


def test_nobody_is_counted_once_it_is_time_to_ask_again(client):
    choice = choose(None, audience=True, now=NOW - relativedelta(years=1))
    client.cookies["cookie_choice"] = str(choice.key)
    client.get("/")
    assert pages() == []


def test_a_visit_is_a_page_a_moment_and_half_an_address(counted):
    counted.get("/confidentialite/?q=Delattre", REMOTE_ADDR="203.0.113.77")
    counted.get("/confidentialite/", REMOTE_ADDR="2001:db8:59:1:2:3:4:5")
    one, other = Visit.objects.order_by("pk")
    assert (one.page, one.network) == ("privacy:policy", "203.0.113.0")
    assert other.network == "2001:db8:59::"
    assert {field.name for field in Visit._meta.get_fields()} == {"id", "at", "page", "network", "first_deposit_at"}
    assert {*registry.datasets[Visit].personal_fields} == {"at", "page", "network", "first_deposit_at"}


def test_two_browsers_of_one_day_cannot_be_told_apart():
    kept = []
    for _ in range(2):
        client = Client()
        say(client, "yes")
        client.get("/")
        kept.append(CookieChoice.objects.latest("pk").first_deposit_at)
    assert kept[0] != kept[1]
    assert len({*Visit.objects.values_list("first_deposit_at", flat=True)}) == 1


def test_an_account_leaves_no_trace_in_a_visit(counted):
    counted.get("/")
    counted.force_login(UserFactory(role=Role.TENANT))
    counted.get("/cookies/")
    alone, signed_in = Visit.objects.order_by("pk").values("network", "first_deposit_at")
    assert alone == signed_in


# What is counted ------------------------------------------------------------------------------------------------------


def test_pages_of_people_at_work_and_of_machines_are_the_others(settings):
    """Whoever adds a namespace decides here, or in the settings, whether its pages count visitors."""
    parts = [found for found in get_resolver().url_patterns if isinstance(found, URLResolver)]
    assert {part.namespace or "" for part in parts} - settings.PUBLIC_NAMESPACES == AT_WORK


def test_neither_the_desk_nor_the_provider_nor_monitoring_is_counted(counted, settings):
    settings.CTI_TOKEN = "the-exchange"
    intervention = InterventionFactory(provider=ProviderFactory(), status=Status.DISPATCHED)
    provider_page = reverse("provider:job", args=[renew_link(intervention, now=NOW)])
    assert counted.get(provider_page).status_code == 200
    assert counted.get("/sante/").status_code in (200, 503)
    counted.force_login(UserFactory(role=Role.SUPERVISOR))
    assert counted.get("/console/").status_code == 200
    counted.force_login(UserFactory(role=Role.DPO))
    assert counted.get("/admin/").status_code == 200
    assert pages() == []


def test_only_whole_pages_that_somebody_looks_at_are_counted(counted):
    assert counted.get("/nulle-part/").status_code == 404
    counted.head("/")
    counted.get("/", headers={"HX-Request": "true"})
    counted.get("/", headers={"Sec-Purpose": "prefetch"})
    counted.post("/connexion/", {})
    counted.get("/favicon.ico")
    assert pages() == []


def test_a_page_is_named_without_what_its_address_holds(counted):
    counted.get("/portail/lien/a-secret-token/")
    assert not any("secret" in page for page in pages())


def test_counting_costs_one_insert_and_asking_nothing(client, counted):
    with CaptureQueriesContext(connection) as without:
        Client().get("/cookies/")
    with CaptureQueriesContext(connection) as queries:
        counted.get("/cookies/")
    assert [query["sql"].split()[0] for query in without] == []
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SAVEPOINT", "INSERT", "RELEASE"]


def test_a_page_is_there_even_when_it_cannot_be_counted(counted, caplog):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_visit ADD CONSTRAINT full_disk CHECK (page = '')")
    assert counted.get("/").status_code == 200
    assert pages() == []
    assert "visit not counted" in caplog.text
    assert "127.0.0" not in caplog.text


# The client's address -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "network"),
    [
        (False, "203.0.113.77", "192.0.2.0"),  # anybody may write this header
        (True, "203.0.113.77", "203.0.113.0"),
        (True, "198.51.100.9, 203.0.113.77", "203.0.113.0"),  # the first one is the client's own word
        (True, "2001:db8:59::77", "2001:db8:59::"),
        (True, "unknown", "192.0.2.0"),
        (True, "", "192.0.2.0"),
    ],
)
def test_the_address_is_the_one_that_our_own_proxy_saw(settings, behind_proxy, forwarded, network):
    settings.BEHIND_PROXY = behind_proxy
    client = Client()
    say(client, "yes")
    client.get("/", REMOTE_ADDR="192.0.2.10", headers={"X-Forwarded-For": forwarded})
    assert Visit.objects.get().network == network


# How long -------------------------------------------------------------------------------------------------------------


def test_a_visit_goes_with_the_first_deposit_however_recent_it_is():
    first = datetime(2026, 1, 31, 20, tzinfo=UTC)
    choice = choose(None, audience=True, now=first)
    visit = Visit.objects.create(
        at=datetime(2027, 2, 20, tzinfo=UTC), page="home", first_deposit_at=datetime(2026, 1, 30, 23, tzinfo=UTC)
    )
    gone_at = datetime(2027, 2, 27, 23, tzinfo=UTC)  # the 28th begins in Paris: there is no 31 February
    purge(now=gone_at - timedelta(seconds=1), commit=True)
    assert Visit.objects.get() == visit
    assert CookieChoice.objects.get() == choice
    purge(now=gone_at, commit=True)
    assert not Visit.objects.exists()
    assert not CookieChoice.objects.exists()


def test_no_visit_comes_before_its_first_deposit():
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.create(at=NOW, page="home", first_deposit_at=NOW + timedelta(seconds=1))


# Figures --------------------------------------------------------------------------------------------------------------

MARCH = date(2026, 3, 1)


def visit(number, *, page="home", at=NOW):
    Visit.objects.bulk_create(Visit(at=at, page=page, first_deposit_at=at) for _ in range(number))


def figures():
    return {(figure.month, figure.page): figure.count for figure in AudienceFigure.objects.all()}


def test_months_are_those_of_paris():
    visit(SMALLEST, at=datetime(2026, 2, 28, 23, tzinfo=UTC))
    visit(SMALLEST + 1, at=datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC))
    count_audience()
    assert figures() == {(MARCH, "home"): SMALLEST, (date(2026, 2, 1), "home"): SMALLEST + 1}


def test_counting_twice_changes_nothing():
    visit(7)
    visit(9, page="privacy:policy")
    for _ in range(2):
        count_audience()
        assert figures() == {(MARCH, "home"): 7, (MARCH, "privacy:policy"): 9}


def test_figures_stay_when_the_visits_go():
    visit(7)
    for number in range(6):
        choose(None, audience=number < 2, now=NOW)
    count_audience()
    purge(now=NOW + relativedelta(months=13), commit=True)
    assert not Visit.objects.exists()
    assert not CookieChoice.objects.exists()
    count_audience()
    assert figures() == {(MARCH, "home"): 7}
    assert list(ChoiceFigure.objects.values_list("month", "accepted", "refused")) == [(MARCH, 2, 4)]


def test_too_small_a_number_is_not_kept():
    visit(SMALLEST - 1)
    for _ in range(SMALLEST - 1):
        choose(None, audience=True, now=NOW)
    count_audience()
    assert figures() == {}
    assert not ChoiceFigure.objects.exists()
    visit(1)
    choose(None, audience=True, now=NOW)
    count_audience()
    assert figures() == {(MARCH, "home"): SMALLEST}
    assert ChoiceFigure.objects.get().accepted == SMALLEST


def test_the_chart_tells_thirteen_months_and_the_share_of_each_answer():
    visit(10)
    visit(5, page="login", at=NOW - relativedelta(months=2))
    visit(50, at=NOW - relativedelta(months=13))
    for number in range(8):
        choose(None, audience=number < 6, now=NOW)
    count_audience()

    read = audience(now=NOW)

    months = read["months"]
    assert [month.on for month in (months[0], months[-1])] == [date(2025, 3, 1), MARCH]
    assert [(month.visits, month.height) for month in months if month.visits] == [(5, 50), (10, 100)]
    assert [month.share for month in months if month.share is not None] == [75]
    assert read["pages"] == [("home", 10), ("login", 5)]
    assert (read["visits"], read["most"]) == (15, 10)


def test_the_supervisor_reads_it_at_the_console(client):
    page = reverse("console:audience")
    client.force_login(UserFactory(role=Role.AGENT))
    assert client.get(page).status_code == 403
    assert f'href="{page}"' not in client.get("/console/").content.decode()
    client.force_login(UserFactory(role=Role.SUPERVISOR))
    assert f'href="{page}"' in client.get("/console/").content.decode()
    assert "Personne n’a encore été compté" in client.get(page).content.decode()


def test_the_dpo_reads_it_in_the_admin_site(client):
    client.force_login(UserFactory(role=Role.ACCOUNTING))
    assert client.get("/admin/audience/").status_code == 403
    client.force_login(UserFactory(role=Role.DPO))
    assert 'href="/admin/audience/"' in client.get("/admin/").content.decode()
    visit(6, at=datetime.now(UTC))
    count_audience()
    page = client.get("/admin/audience/").content.decode()
    assert "6 pages vues en tout" in page
    assert "<code>home</code>" in page


def test_the_console_page_costs_few_queries(client, django_assert_max_num_queries):
    visit(6, at=datetime.now(UTC))
    count_audience()
    client.force_login(UserFactory(role=Role.SUPERVISOR))
    client.get("/console/audience/")
    with django_assert_max_num_queries(12):
        client.get("/console/audience/")
