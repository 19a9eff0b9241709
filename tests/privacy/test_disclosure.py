"""Who was given whose data, and that they are told of what became of them."""

from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from accounts.roles import Role
from interventions import provider_links, relocations
from interventions.models import Hotel, Provider, Relocation
from privacy import disclosure
from privacy.disclosure import DisclosureRefused, Extract, UnknownRecipient
from privacy.models import Disclosure, RecipientNotice, RightsRequest
from privacy.models.disclosures import RECIPIENT_KINDS
from privacy.policy import SOLICITING
from privacy.retention.purge import purge
from privacy.rights import recipients, restriction, workflow
from privacy.rights.workflow import RequestError
from privacy.subjects import given_to
from tests.factories import (
    NOW,
    TODAY,
    HotelFactory,
    InterventionFactory,
    PersonFactory,
    ProviderFactory,
    RelocationFactory,
    UserFactory,
)
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
CANARY = "Wzykowska"


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


@pytest.fixture
def person():
    return PersonFactory(family_name=CANARY)


def disclosed(person, *, to=None, source=None, **details):
    to = to or ProviderFactory(email="plombier@exemple.example")
    details = {"kind": "trades", "fields": ["problème", "adresse"], "purpose": "providers", "by": None} | details
    source = source or InterventionFactory(occupant=person)
    return disclosure.record(person, name=to.name, recipient=to, source=source, now=NOW, **details)


def executed(person, dpo, right=RightsRequest.Right.RECTIFICATION):
    request = workflow.receive(
        person, right=right, channel="letter", received_on=TODAY, identity="known", by=None, now=NOW
    )
    workflow.decide(request, outcome=RightsRequest.Outcome.GRANTED, by=dpo, now=NOW)
    workflow.note_executed(request, by=dpo, now=NOW)
    request.refresh_from_db()
    return request


# The register ---------------------------------------------------------------------------------------------------------


def test_who_got_what_is_told_to_the_person(person):
    provider, intervention = ProviderFactory(), InterventionFactory(occupant=person)
    disclosed(person, to=provider, source=intervention)
    disclosed(person, to=provider, source=intervention)  # once more, while it still serves
    assert Disclosure.objects.count() == 1
    disclosed(person, to=provider, fields=["heure du passage"])
    disclosed(PersonFactory(), to=provider)
    (receiver,) = given_to(person)
    assert (receiver.name, receiver.fields) == (provider.name, ["adresse", "heure du passage", "problème"])
    assert receiver.goes_on


@pytest.mark.parametrize("details", [{"kind": "neighbours"}, {"purpose": "marketing"}, {"purpose": "nothing"}])
def test_nobody_is_a_recipient_whom_the_policy_does_not_name_for_that(person, details):
    with pytest.raises(UnknownRecipient):
        disclosed(person, **details)


def test_it_goes_with_what_it_was_for(person):
    intervention = InterventionFactory(occupant=person)
    disclosed(person, source=intervention)
    other = disclosed(person)
    disclosure.end(intervention, now=NOW)
    purge(now=NOW.replace(year=2027, month=5, day=9), commit=True)
    assert Disclosure.objects.count() == 2
    purge(now=NOW.replace(year=2027, month=5, day=10, hour=23), commit=True)
    assert Disclosure.objects.get() == other


# Telling --------------------------------------------------------------------------------------------------------------


def test_each_recipient_is_told_once_of_all_they_got_and_nobody_is_named(person, dpo):
    provider = ProviderFactory(email="plombier@exemple.example")
    first, second = disclosed(person, to=provider), disclosed(person, to=provider)
    disclosed(person, to=ProviderFactory(email="chauffage@exemple.example"))
    disclosed(PersonFactory(), to=ProviderFactory(email="autre@exemple.example"))
    request = executed(person, dpo)
    deliver_all(NOW)
    assert sorted(message.to[0] for message in mail.outbox) == ["chauffage@exemple.example", "plombier@exemple.example"]
    assert not any(CANARY in message.body for message in mail.outbox)
    notice = request.recipient_notices.get(recipient_name=provider.name)
    assert [piece[1] for piece in notice.pieces] == [first.source_id, second.source_id]
    assert request.steps.filter(kind="recipients_told").count() == 1


@pytest.mark.parametrize("right", ["access", "objection"])
def test_other_rights_tell_nobody(person, dpo, right):
    disclosed(person)
    request = workflow.receive(
        person,
        right=right,
        purpose="improvement",
        channel="letter",
        received_on=TODAY,
        identity="known",
        by=None,
        now=NOW,
    )
    workflow.decide(request, outcome="granted", by=dpo, now=NOW)
    assert not RecipientNotice.objects.exists()


def test_a_refusal_tells_nobody(person, dpo):
    disclosed(person)
    request = workflow.receive(
        person, right="erasure", channel="letter", received_on=TODAY, identity="known", by=None, now=NOW
    )
    workflow.decide(request, outcome="refused", ground="legal_obligation", by=dpo, now=NOW)
    assert not RecipientNotice.objects.exists()


def test_a_restriction_tells_them_too(person, dpo):
    disclosed(person)
    request = workflow.receive(
        person, right="restriction", channel="letter", received_on=TODAY, identity="known", by=None, now=NOW
    )
    workflow.decide(request, outcome="granted", by=dpo, now=NOW)
    assert RecipientNotice.objects.get().sent == 0  # not before it is done
    restriction.execute(request, by=dpo, now=NOW, reason="accuracy")
    assert RecipientNotice.objects.get().sent == 1


def test_they_are_asked_again_every_day_until_they_answer(person, dpo):
    disclosed(person)
    executed(person, dpo)
    assert recipients.tell_again(now=NOW + DAY / 2) == 0
    assert recipients.tell_again(now=NOW + DAY) == 1
    recipients.acknowledge(RecipientNotice.objects.get(), by=None, now=NOW + DAY)
    assert recipients.tell_again(now=NOW + 2 * DAY) == 0


def test_but_not_for_ever(person, dpo):
    disclosed(person)
    executed(person, dpo)
    sent = sum(recipients.tell_again(now=NOW + number * DAY) for number in range(1, 40))
    assert sent == recipients.SENT_AT_MOST - 1
    assert RecipientNotice.objects.unsettled().exists()  # the DPO finds another way, or says why there is none


def test_who_has_no_address_waits_for_the_dpo(person, dpo):
    disclosed(person, to=ProviderFactory(email=""))
    request = executed(person, dpo)
    notice = RecipientNotice.objects.get()
    assert (notice.sent, recipients.tell_again(now=NOW + DAY)) == (0, 0)
    assert not request.steps.filter(kind="recipients_told").exists()
    with pytest.raises(RequestError, match="pourquoi"):
        recipients.give_up(notice, reason=" ", by=dpo, now=NOW)
    recipients.give_up(notice, reason="La société n’existe plus.", by=dpo, now=NOW)
    assert request.steps.filter(kind="recipients_told").exists()


def given_by_kind(person):
    """What the desk hands over, by its own doors: a job to a trade and to a company of the group, nights to a hotel."""
    trade, group = (
        ProviderFactory(kind=kind, email=f"{kind}@exemple.example")
        for kind in (Provider.Kind.TRADES, Provider.Kind.GROUP)
    )
    intervention = InterventionFactory(occupant=person, reported_by=None)
    for provider in (trade, group):
        provider_links.give_job(intervention, provider=provider, by=None, now=NOW)
    stay = RelocationFactory(intervention=intervention, hotel=HotelFactory(email="hotels@exemple.example"))
    relocations.give(stay, by=None, now=NOW)
    return {"trades": trade, "group": group, "hotels": stay.hotel}


def test_a_company_of_the_group_and_a_hotel_are_told_as_a_trade_is(client, person, dpo):
    companies = given_by_kind(person)
    request = executed(person, dpo)
    deliver_all(NOW)
    assert sorted(message.to[0] for message in mail.outbox) == sorted(company.email for company in companies.values())
    for message in mail.outbox:
        path = "/" + link_in(message).split("/", 3)[3]
        assert CANARY not in client.get(path).content.decode()
        assert client.post(path, follow=True).status_code == 200
    notices = request.recipient_notices.exclude(acknowledged_at=None)
    assert {notice.recipient_kind: notice.recipient_name for notice in notices} == {
        kind: company.name for kind, company in companies.items()
    }


@pytest.mark.parametrize("lost", ["no e-mail", "gone"])
def test_a_hotel_that_no_message_reaches_waits_on_the_board_of_the_dpo(client, person, dpo, lost):
    hotel = given_by_kind(person)["hotels"]
    if lost == "gone":
        Relocation.objects.all().delete()
        hotel.delete()
    else:
        Hotel.objects.update(email="")
    request = executed(person, dpo)
    deliver_all(NOW)
    assert sorted(message.to[0] for message in mail.outbox) == ["group@exemple.example", "trades@exemple.example"]
    assert not request.steps.filter(kind="recipients_told").exists()
    client.force_login(dpo)
    board = client.get(reverse("admin:rights_duties")).content.decode()
    waiting = board[board.index(f'<th scope="row">{hotel.name}</th>') :]
    assert "Sans adresse" in waiting[: waiting.index("</tr>")]
    recipients.acknowledge(request.recipient_notices.get(recipient_kind="hotels"), by=dpo, now=NOW)
    assert hotel.name not in client.get(reverse("admin:rights_duties")).content.decode()
    assert request.steps.filter(kind="recipients_told").exists()


def test_after_an_erasure_its_recipients_are_still_known(person, dpo):
    disclosed(person)
    request = workflow.receive(
        person, right="erasure", channel="letter", received_on=TODAY, identity="known", by=None, now=NOW
    )
    workflow.decide(request, outcome="granted", by=dpo, now=NOW)
    Disclosure.objects.filter(person=person).delete()
    RightsRequest.objects.filter(pk=request.pk).update(person=None)
    workflow.note_executed(request, by=dpo, now=NOW)
    deliver_all(NOW)
    assert mail.outbox[0].to == ["plombier@exemple.example"]


# The recipient's page -------------------------------------------------------------------------------------------------


def link_in(message):
    return next(word for word in message.body.split() if "/destinataire/" in word)


def test_the_recipient_confirms_by_the_link(client, person, dpo):
    given = disclosed(person)
    executed(person, dpo)
    deliver_all(NOW)
    path = "/" + link_in(mail.outbox[0]).split("/", 3)[3]
    page = client.get(path)
    assert f'Intervention <span class="num">{given.source_id}</span>' in page.content.decode()
    assert CANARY not in page.content.decode()
    assert RecipientNotice.objects.get().acknowledged_at is None  # looking is not confirming
    assert client.post(path, follow=True).status_code == 200
    assert RecipientNotice.objects.get().acknowledged_at is not None
    assert "C’est noté" in client.get(path).content.decode()


@pytest.mark.parametrize("token", ["MQ:abcdef", "1", "x"])
def test_a_link_that_is_not_ours_opens_nothing(client, token):
    assert client.get(reverse("privacy:recipient_notice", args=[token])).status_code == 404


def test_the_dpo_notes_that_they_were_told_otherwise(person, dpo):
    disclosed(person, to=ProviderFactory(email=""))
    request = executed(person, dpo)
    recipients.acknowledge(RecipientNotice.objects.get(), by=dpo, now=NOW)
    assert RecipientNotice.objects.get().acknowledged_by == dpo
    assert request.steps.filter(kind="recipients_told").count() == 1
    assert recipients.recipients_in_words(request) == [
        f"{Provider.objects.get().name} (Les prestataires qui se déplacent)"
    ]


# What goes out -------------------------------------------------------------------------------------------------------


def test_an_extract_holds_what_the_policy_lets_its_recipient_have():
    with pytest.raises(UnknownRecipient, match="phones"):
        disclosure.declare(
            Extract("too_much", kind="hotels", purpose="interventions", fields={"phones": str}, people=lambda piece: [])
        )
    with pytest.raises(UnknownRecipient):
        disclosure.declare(
            Extract("sold", kind="trades", purpose="marketing", fields={"address": str}, people=lambda piece: [])
        )
    assert {"too_much", "sold"}.isdisjoint(disclosure.extracts)


def test_nobody_is_given_data_to_prospect():
    """The policy shares and sells nothing for that: no recipient outside may have it as a purpose."""
    assert "marketing" in RECIPIENT_KINDS["staff"].purposes  # ours is asked for
    outside = [kind for key, kind in RECIPIENT_KINDS.items() if key != "staff"]
    assert outside
    assert not [kind.key for kind in outside if set(SOLICITING) & set(kind.purposes)]


def given(intervention, *, to, **details):
    return disclosure.give("job", intervention, to=to, by=None, now=NOW, **details)


def test_what_is_given_is_what_is_declared_and_the_register_names_it_without_its_values(person):
    intervention = InterventionFactory(occupant=person, reported_by=None, contact_number="+33612345678")
    provider = ProviderFactory()
    values = given(intervention, to=provider, only=["address", "problem"])
    assert set(values) == {"address", "problem"}
    line = Disclosure.objects.get(person=person)
    assert (line.recipient_name, line.fields) == (provider.name, ["adresse", "problème"])
    given(intervention, to=provider, only=["problem", "address"])
    assert Disclosure.objects.count() == 1
    assert given(intervention, to=provider)["callback"] == "+33612345678"
    assert Disclosure.objects.count() == 2  # it got more: that is another line


def test_a_restriction_lets_nothing_out_but_to_save_a_life(person, restrict):
    intervention = InterventionFactory(occupant=person, reported_by=None, priority="normal")
    assert given(intervention, to=ProviderFactory())
    restrict(person)
    with pytest.raises(DisclosureRefused, match="limitation"):
        given(intervention, to=ProviderFactory())
    intervention.priority = "emergency"
    assert given(intervention, to=ProviderFactory())


def test_outside_the_economic_area_a_guarantee_that_still_holds_is_needed(person):
    intervention = InterventionFactory(occupant=person, reported_by=None)
    assert given(intervention, to=ProviderFactory(country="BE"))
    provider = ProviderFactory(country="GB")
    with pytest.raises(DisclosureRefused, match="sans garantie"):
        given(intervention, to=provider)
    provider.guarantee, provider.guarantee_document = "adequacy", "Décision 2021/1772"
    provider.guarantee_until_on = TODAY
    assert given(intervention, to=provider)
    provider.guarantee_until_on = TODAY - DAY
    with pytest.raises(DisclosureRefused, match="expiré"):
        given(intervention, to=provider)
    assert set(Disclosure.objects.values_list("country", flat=True)) == {"BE", "GB"}
