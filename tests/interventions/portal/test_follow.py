"""Following a request: what its person sees and decides, what others never see, and two people at once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from interventions.following import MovedOn, confirm_appointment, give_up_appointment
from interventions.lifecycle import REOPEN_WITHIN, Slot, advance
from interventions.messages import write_to_tenant
from interventions.models import Appointment, PersonalLink, Status, TenantMessage
from interventions.personal_links import issue_link
from privacy import consent
from privacy.outbox import sms
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    AccessCodeFactory,
    AppointmentFactory,
    ComplaintFactory,
    InterventionFactory,
    PersonFactory,
    PhoneFactory,
    ProviderFactory,
    TenancyFactory,
    TenantMessageFactory,
    TransitionFactory,
    UserFactory,
)
from tests.interventions.portal.conftest import signed_in_as
from tests.outbox import deliver_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("night")]

S = Status
DAY = timedelta(days=1)
SLOT = Slot(NOW + timedelta(hours=12), NOW + timedelta(hours=14))
SECRETS = ("Nadia Benali", "Locataire agressif", "Pas de stock avant lundi", "12A34", "Pas rappelée hier", "Monsieur X")


def page(client, intervention, rest=""):
    return f"/portail/demandes/{intervention.pk}/{rest}"


def said(client, intervention, rest=""):
    response = client.get(page(client, intervention, rest))
    assert response.status_code == 200
    return response.content.decode()


def move(intervention, *steps, at=NOW - timedelta(hours=2)):
    """A step a minute, by an agent."""
    agent = UserFactory(full_name="Nadia Benali")
    for to, details in steps:
        at += timedelta(minutes=1)
        intervention = advance(intervention, to=to, by=agent, now=at, version=intervention.version, **details)
    return intervention


@pytest.fixture
def appointed(tenant):
    """An appointment tomorrow, after steps about which staff and provider wrote what is theirs."""
    intervention = InterventionFactory(occupant=tenant, status=S.RECEIVED, description="Locataire agressif")
    AccessCodeFactory(residence=intervention.residence)
    TransitionFactory(intervention=intervention)
    return move(
        intervention,
        (S.QUALIFIED, {"reason": "Locataire agressif"}),
        (S.DISPATCHED, {"provider": ProviderFactory(), "reason": "Pas de stock avant lundi"}),
        (S.ACCEPTED, {}),
        (S.APPOINTMENT, {"slot": SLOT}),
    )


def test_the_timeline_tells_what_happened_in_plain_words_and_nothing_that_others_wrote(portal, appointed):
    told = said(portal, appointed)
    for words in (
        "Nous avons reçu la demande.",
        "Un agent s’occupe de la demande.",
        "Nous avons confié la demande à une entreprise.",
        "L’entreprise a accepté.",
        "Un rendez-vous est pris.",
        "Mercredi 11\N{NO-BREAK SPACE}mars\N{NO-BREAK SPACE}2026",
        "entre 10:30 et 12:30",
    ):
        assert words in told
    assert [secret for secret in SECRETS if secret in told] == []


def test_every_state_has_its_words_and_its_next_step(portal, tenant):
    for status in Status:
        intervention = InterventionFactory(occupant=tenant, status=status)
        TransitionFactory(intervention=intervention, to_status=status)
        told = said(portal, intervention)
        assert 'class="say"' in told
        assert "received" not in told


def test_what_a_person_reported_on_the_portal_is_shown_to_them(portal, tenant):
    intervention = InterventionFactory(occupant=tenant, reported_by=tenant, description="Ça goutte.", status=S.RECEIVED)
    TransitionFactory(intervention=intervention, by_tenant=True)
    assert "Ça goutte." in said(portal, intervention)


def test_a_promise_is_told_once_an_agent_confirmed_it_and_owned_up_to_when_it_is_late(portal, tenant):
    due = {"occupant": tenant, "suggested_on_site_by": NOW + timedelta(hours=2)}
    assert "Quelqu’un sera là avant" not in said(portal, InterventionFactory(status=S.RECEIVED, **due))
    assert "Quelqu’un sera là avant" in said(portal, InterventionFactory(status=S.QUALIFIED, **due))
    late = InterventionFactory(occupant=tenant, status=S.ACCEPTED, suggested_on_site_by=NOW - timedelta(hours=2))
    assert "Nous sommes en retard" in said(portal, late)


ACTS = ("", "messages/", "rendez-vous/changer/", "rendez-vous/annuler/", "annuler/", "toujours-en-panne/", "avis/")


@pytest.mark.parametrize("rest", [*ACTS, "rendez-vous/confirmer/"])
def test_what_is_not_yours_does_not_exist(rest, appointed, holder_of):
    neighbour = TenancyFactory(dwelling__residence=appointed.residence).person
    stranger, other = PersonFactory(), InterventionFactory(occupant=PersonFactory())
    for client in (signed_in_as(neighbour), signed_in_as(stranger), holder_of(other.occupant, other)):
        assert client.get(page(client, appointed, rest)).status_code in (404, 405)
        assert client.post(page(client, appointed, rest), {"appointment": 1}).status_code in (404, 405)
        assert client.get(page(client, appointed)).status_code == 404
    appointed.refresh_from_db()
    assert (appointed.status, TenantMessage.objects.count()) == (S.APPOINTMENT, 0)


def test_a_link_opens_its_own_intervention_and_no_other_of_the_same_person(tenant, appointed, holder_of):
    other = InterventionFactory(occupant=tenant)
    client = holder_of(tenant, appointed)
    assert "Un rendez-vous est pris." in said(client, appointed)
    assert client.get(page(client, other)).status_code == 404
    assert client.get("/portail/demandes/").status_code == 302
    home = client.get("/portail/").content.decode()
    assert appointed.problem.label in home
    assert page(client, other) not in home


def test_a_link_leads_to_the_page_it_is_for(client, tenant, appointed):
    token = issue_link(tenant, purpose=PersonalLink.Purpose.FOLLOW, intervention=appointed, by=None, now=NOW)
    assert client.post(f"/portail/lien/{token}/").url == page(client, appointed)


def test_who_reported_it_for_another_follows_the_state_and_nothing_else(tenant, appointed):
    daughter = PersonFactory()
    appointed.reported_by = daughter
    appointed.save()
    TenantMessageFactory(intervention=appointed, text="Pas rappelée hier")
    hers, theirs = signed_in_as(daughter), signed_in_as(tenant)
    assert "Pas rappelée hier" in said(theirs, appointed, "messages/")
    assert "11\N{NO-BREAK SPACE}mars" in said(theirs, appointed)

    told = said(hers, appointed)
    assert "Rendez-vous pris" in told
    assert "11\N{NO-BREAK SPACE}mars" not in told
    assert "Ce qui s’est passé" not in told
    assert appointed.residence.street not in told
    home = hers.get("/portail/").content.decode()
    assert appointed.problem.label in home
    assert "11\N{NO-BREAK SPACE}mars" not in home
    for rest in ACTS[1:]:
        assert hers.get(page(hers, appointed, rest)).status_code == 404


def test_an_appointment_is_confirmed_once(portal, appointed):
    latest = appointed.appointments.get()
    for _ in range(2):
        portal.post(page(portal, appointed, "rendez-vous/confirmer/"), {"appointment": latest.pk})
    latest.refresh_from_db()
    assert (latest.answer, latest.answered_at) == (Appointment.Answer.CONFIRMED, NOW)
    told = said(portal, appointed)
    assert "Vous avez confirmé le rendez-vous." in told
    assert "Je serai là" not in told
    assert appointed.transitions.count() == 5  # nobody’s form grew stale


@pytest.mark.parametrize(
    ("rest", "sent", "answer", "words"),
    [
        (
            "rendez-vous/changer/",
            {"when": ["morning", "saturday"], "words": "Pas le mercredi"},
            Appointment.Answer.MOVED,
            "Je voudrais un autre rendez-vous\N{NO-BREAK SPACE}: le matin, le samedi. Pas le mercredi.",
        ),
        ("rendez-vous/annuler/", {"words": ""}, Appointment.Answer.CANCELLED, "J’annule ce rendez-vous."),
    ],
)
def test_an_appointment_given_up_goes_back_to_the_desk_with_the_tenants_words(
    portal, tenant, appointed, rest, sent, answer, words
):
    latest = appointed.appointments.get()
    for _ in range(2):  # a line that drops: sent twice, done once
        response = portal.post(page(portal, appointed, rest), {"appointment": latest.pk, **sent})
        assert response.url == page(portal, appointed)
    appointed.refresh_from_db()
    latest.refresh_from_db()
    step = appointed.transitions.last()
    assert (appointed.status, latest.answer) == (S.ACCEPTED, answer)
    assert (step.by, step.by_tenant, step.reason) == (None, True, answer.label)
    message = TenantMessage.objects.for_desk().get()
    assert (message.text, message.person, message.author) == (words, tenant, None)
    told = said(portal, appointed)
    assert "Vous avez" in told
    assert "Je serai là" not in told


def test_moving_needs_at_least_one_word_or_box(portal, appointed):
    latest = appointed.appointments.get()
    response = portal.post(page(portal, appointed, "rendez-vous/changer/"), {"appointment": latest.pk})
    assert response.status_code == 422
    assert "Cochez une case" in response.content.decode()
    appointed.refresh_from_db()
    assert appointed.status == S.APPOINTMENT


@pytest.mark.parametrize("rest", ["rendez-vous/confirmer/", "rendez-vous/changer/", "rendez-vous/annuler/"])
def test_an_answer_to_an_appointment_that_changed_meanwhile_is_refused_and_told(portal, appointed, rest):
    read = appointed.appointments.get()
    later = Slot(SLOT.starts_at + DAY, SLOT.ends_at + DAY)
    appointed = move(appointed, (S.APPOINTMENT, {"slot": later}), at=NOW - timedelta(hours=1))
    sent = {"appointment": read.pk, "words": "Non", "when": ["morning"]}
    told = portal.post(page(portal, appointed, rest), sent, follow=True).content.decode()
    assert "La demande a avancé entre-temps" in told
    assert "Nadia Benali" not in told
    appointed.refresh_from_db()
    assert appointed.status == S.APPOINTMENT
    assert set(appointed.appointments.values_list("answer", flat=True)) == {""}
    assert not TenantMessage.objects.exists()


def test_an_appointment_that_is_over_takes_no_answer(portal, tenant):
    over = AppointmentFactory(
        intervention__occupant=tenant, intervention__status=S.APPOINTMENT, starts_at=NOW - timedelta(hours=3)
    )
    told = said(portal, over.intervention)
    assert "Je serai là" not in told
    with pytest.raises(MovedOn):
        confirm_appointment(over.intervention, appointment=over.pk, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_of_an_agent_and_a_tenant_at_the_same_instant_the_second_is_told(tenant):
    agent = UserFactory()
    appointment = AppointmentFactory(intervention__occupant=tenant, intervention__status=S.APPOINTMENT)
    intervention = appointment.intervention
    outcome = meanwhile(
        lambda: advance(intervention, to=S.ON_SITE, by=agent, now=NOW, version=intervention.version),
        lambda: give_up_appointment(
            intervention,
            appointment=appointment.pk,
            answered=Appointment.Answer.MOVED,
            person=tenant,
            words="Demain.",
            now=NOW,
        ),
    )
    intervention.refresh_from_db()
    appointment.refresh_from_db()
    assert isinstance(outcome, MovedOn)
    assert (intervention.status, appointment.answer) == (S.ON_SITE, "")


def test_a_request_is_cancelled_while_nobody_is_there(portal, appointed):
    told = said(portal, appointed, "annuler/")
    assert f'name="version" value="{appointed.version}"' in told
    sent = {"version": appointed.version, "why": "solved", "words": "Mon fils a réparé."}
    for _ in range(2):
        portal.post(page(portal, appointed, "annuler/"), sent)
    appointed.refresh_from_db()
    assert (appointed.status, appointed.transitions.last().by_tenant) == (S.CANCELLED, True)
    assert "Mon fils a réparé." in TenantMessage.objects.for_desk().get().text
    assert "Vous avez annulé la demande." in said(portal, appointed)


def test_work_that_has_begun_is_not_cancelled_by_a_click(portal, appointed):
    version = appointed.version
    assert "Annuler ma demande" in said(portal, appointed)
    appointed = move(appointed, (S.ON_SITE, {}))
    assert "Annuler ma demande" not in said(portal, appointed)
    for sent in (version, appointed.version):
        portal.post(page(portal, appointed, "annuler/"), {"version": sent, "why": "other"})
    appointed.refresh_from_db()
    assert appointed.status == S.ON_SITE


def test_within_thirty_days_of_its_end_it_is_reopened_with_the_tenants_words(portal, appointed):
    appointed = move(appointed, (S.ON_SITE, {}), (S.DONE, {}), (S.CLOSED, {}), at=NOW - timedelta(hours=1))
    assert "Toujours en panne" in said(portal, appointed)
    sent = {"version": appointed.version, "words": "Elle goutte encore."}
    for _ in range(2):
        assert portal.post(page(portal, appointed, "toujours-en-panne/"), sent).url == page(portal, appointed)
    appointed.refresh_from_db()
    assert (appointed.status, appointed.transitions.last().by_tenant) == (S.REOPENED, True)
    assert TenantMessage.objects.for_desk().get().text == "Elle goutte encore."
    assert appointed.transitions.filter(to_status=S.REOPENED).count() == 1


@pytest.mark.parametrize(
    ("ago", "status"), [(REOPEN_WITHIN, S.REOPENED), (REOPEN_WITHIN + timedelta(seconds=1), S.CLOSED)]
)
def test_the_thirtieth_day_is_the_last(portal, tenant, ago, status):
    closed = InterventionFactory(occupant=tenant, status=S.CLOSED, opened_at=NOW - 60 * DAY, closed_at=NOW - ago)
    portal.post(page(portal, closed, "toujours-en-panne/"), {"version": closed.version, "words": "Encore."})
    closed.refresh_from_db()
    assert closed.status == status
    if status == S.CLOSED:
        assert "signalez-le à nouveau" in said(portal, closed)


def test_a_link_lives_as_long_as_its_intervention_may_be_reopened(tenant, appointed, holder_of):
    holder_of(tenant, appointed)
    link = PersonalLink.objects.get()
    nearly = link.expires_at - DAY
    move(appointed, (S.ON_SITE, {}), (S.DONE, {}), (S.CLOSED, {}), at=nearly)
    link.refresh_from_db()
    assert link.expires_at == appointed.__class__.objects.get().closed_at + REOPEN_WITHIN


# What is told by e-mail or SMS ----------------------------------------------------------------------------------------


def link_in(text):
    return text.split("http")[1].split()[0].partition("/portail")[2]


def test_who_has_no_account_gets_a_link_by_sms_when_an_appointment_is_made_moved_or_given_up(client, tenant):
    PhoneFactory(person=tenant, number="+33612345678")
    intervention = InterventionFactory(occupant=tenant, status=S.ACCEPTED)
    intervention = move(intervention, (S.APPOINTMENT, {"slot": SLOT}))
    later = Slot(SLOT.starts_at + DAY, SLOT.ends_at + DAY)
    move(intervention, (S.APPOINTMENT, {"slot": later}), (S.ACCEPTED, {"reason": "Pas de stock avant lundi"}))
    deliver_all(NOW)
    assert [text.to for text in sms.outbox] == ["+33612345678"] * 3
    for text in sms.outbox:
        assert [each for each in (*SECRETS, "Delvaux", intervention.problem.label) if each in text.text] == []
    assert client.post("/portail" + link_in(sms.outbox[0].text)).url == page(client, intervention)


def test_who_has_an_account_is_led_to_it_by_mail(portal, tenant, appointed):
    PhoneFactory(person=tenant, number="+33612345678")
    write_to_tenant(appointed, text="Monsieur X passera.", by=UserFactory(), now=NOW)
    deliver_all(NOW)
    assert sms.outbox == []
    assert mail.outbox[-1].to == [tenant.user.email]
    assert link_in(mail.outbox[-1].body) == f"/demandes/{appointed.pk}/"
    assert "Monsieur X" not in mail.outbox[-1].body
    assert PersonalLink.objects.count() == 0


def test_nobody_is_told_of_what_they_did_themselves_or_where_they_cannot_be_reached(portal, tenant, appointed):
    deliver_all(NOW)
    mail.outbox.clear()
    latest = appointed.appointments.get()
    portal.post(page(portal, appointed, "rendez-vous/annuler/"), {"appointment": latest.pk})
    move(InterventionFactory(occupant=PersonFactory(), status=S.ACCEPTED), (S.APPOINTMENT, {"slot": SLOT}))
    move(InterventionFactory(occupant=None, status=S.ACCEPTED), (S.APPOINTMENT, {"slot": SLOT}))
    deliver_all(NOW)
    assert (mail.outbox, sms.outbox) == ([], [])


@pytest.mark.parametrize("agreed", [True, False])
def test_an_opinion_is_asked_for_only_with_consent(portal, tenant, appointed, agreed):
    answer = consent.give if agreed else consent.refuse
    answer(tenant, purpose="surveys", channel="portal", by=None, now=NOW)
    deliver_all(NOW)
    mail.outbox.clear()
    move(appointed, (S.ON_SITE, {}), (S.DONE, {}), (S.CLOSED, {}), at=NOW - timedelta(hours=1))
    deliver_all(NOW)
    assert [message.subject for message in mail.outbox] == ["Votre avis nous intéresse"] * agreed


# The first page -------------------------------------------------------------------------------------------------------


def test_the_first_page_puts_the_next_appointment_first(portal, tenant, appointed):
    AppointmentFactory(
        intervention__occupant=tenant, intervention__status=S.APPOINTMENT, starts_at=NOW + 3 * DAY, made_at=NOW
    )
    TenantMessageFactory(intervention=appointed, author=UserFactory(), text="Bonjour")
    ComplaintFactory(person=tenant, subject="Trois heures de retard")
    home = portal.get("/portail/").content.decode()
    assert home.index("Votre prochain rendez-vous") < home.index("11\N{NO-BREAK SPACE}mars")
    assert home.index("11\N{NO-BREAK SPACE}mars") < home.index("Vos demandes en cours") < home.index("Trois heures")
    assert "1 nouveau message" in home
    assert "Réponse avant le 9\N{NO-BREAK SPACE}avril\N{NO-BREAK SPACE}2026" in home


def test_the_first_page_has_words_when_there_is_nothing(portal):
    home = portal.get("/portail/").content.decode()
    assert "Aucune demande en cours." in home
    assert "Votre prochain rendez-vous" not in home


@pytest.mark.parametrize("theirs", [True, False])
def test_the_list_of_requests_has_one_s_own_only(portal, tenant, theirs):
    intervention = InterventionFactory(occupant=tenant if theirs else PersonFactory(), status=S.CLOSED)
    listed = portal.get("/portail/demandes/").content.decode()
    assert (page(portal, intervention) in listed) == theirs


@pytest.mark.parametrize("address", ["/portail/", "/portail/demandes/", "follow", "thread"])
def test_pages_cost_the_same_however_much_there_is(portal, tenant, appointed, address):
    address = {"follow": page(portal, appointed), "thread": page(portal, appointed, "messages/")}.get(address, address)
    counts = []
    for more in (1, 2, 27):
        for _ in range(more):
            row = InterventionFactory(occupant=tenant, status=S.APPOINTMENT)
            AppointmentFactory(intervention=row)
            TenantMessageFactory(intervention=row, author=UserFactory())
            TenantMessageFactory(intervention=appointed)
            InterventionFactory(occupant=tenant, status=S.CLOSED)
            ComplaintFactory(person=tenant)
        portal.get(address)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert portal.get(address).status_code == 200
        counts.append(len(queries))
    assert len(set(counts)) == 1
    assert counts[0] <= 12
