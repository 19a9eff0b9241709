"""Rectification: what may be proposed, the answer to each value, and the correction of all that was approved."""

from datetime import date, timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.db.models import OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts.merging import merge_people
from accounts.models import Phone, User
from accounts.roles import Role
from callcenter.models import LogEntry
from interventions.models import Intervention
from privacy import disclosure
from privacy.models import JournalEntry, RecipientNotice, RectificationItem, RightsRequest
from privacy.rights import erasure, rectification, rectification_desk, workflow
from privacy.rights.proposal_form import ProposalForm
from privacy.rights.rectification import Refused, Stale
from privacy.rights.workflow import IdentityMissing, RequestError
from tests.factories import (
    NOW,
    TODAY,
    InterventionFactory,
    LogEntryFactory,
    PersonFactory,
    PhoneFactory,
    TenancyFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

Outcome, Identity = RightsRequest.Outcome, RightsRequest.Identity
MISSPELLED, RIGHT = "Lefebvre", "Lefèvre"


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


@pytest.fixture
def person():
    return PersonFactory(family_name=MISSPELLED, given_name="Anne", email="ancienne@exemple.example")


def asked(person, *, right="rectification", identity=Identity.SIGNED_IN):
    return workflow.receive(
        person, right=right, channel="portal", received_on=TODAY, wish="…", identity=identity, by=None, now=NOW
    )


def key_of(row, field):
    return f"{row._meta.label}-{row.pk}-{field}"


def proposed(request, *changes, by=None):
    """Of (row, field, value)."""
    return rectification.propose(request, {key_of(row, field): value for row, field, value in changes}, by=by, now=NOW)


def line(item):
    return next(each for each in rectification.plan(item.request, now=NOW).lines if each.item == item)


def approved(item, dpo):
    rectification.approve(item, seen=line(item).seen, by=dpo, now=NOW)


def carried_out(request, dpo):
    rectification.decide(request, by=dpo, now=NOW)
    return rectification.execute(request, by=dpo, now=NOW)


# What may be proposed -------------------------------------------------------------------------------------------------


def test_what_may_be_corrected_is_told_with_its_value_of_today(person):
    phone = PhoneFactory(person=person, number="+33612345678")
    tenancy = TenancyFactory(person=person, since_on=date(2024, 3, 1))
    told = {value.key: value.words for value in rectification.proposable(person)}
    assert told[key_of(person, "family_name")] == MISSPELLED
    assert told[key_of(person, "language")] == "Français"
    assert told[key_of(phone, "number")] == "+33612345678"
    assert told[key_of(tenancy, "since_on")] == "01/03/2024"
    assert key_of(person, "name_key") not in told


def test_of_other_people_nothing_may_be_proposed(person):
    other, neighbour = PersonFactory(), PersonFactory()
    shared = InterventionFactory(occupant=other, reported_by=person, description="Fuite")
    mine = InterventionFactory(occupant=person, reported_by=neighbour, description="Fuite")
    keys = {value.key for value in rectification.proposable(person)}
    assert key_of(mine, "description") in keys
    assert key_of(shared, "description") not in keys
    request = asked(person)
    with pytest.raises(RequestError, match="parmi celles"):
        proposed(request, (other, "family_name", "X"))
    assert not RectificationItem.objects.exists()


def test_a_form_of_todays_values_gives_what_was_changed(person):
    PhoneFactory(person=person, number="+33612345678")
    values = rectification.proposable(person)
    unchanged = {value.key: value.text for value in values}
    unchanged.pop(key_of(person, "assistance"))
    form = ProposalForm({**unchanged, key_of(person, "family_name"): RIGHT}, values)
    assert form.is_valid(), form.errors
    assert form.changes() == {key_of(person, "family_name"): RIGHT}
    bad = ProposalForm({**unchanged, key_of(person, "email"): "nimporte quoi"}, values)
    assert not bad.is_valid()
    assert set(bad.errors) == {key_of(person, "email")}


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("email", "pas une adresse", "adresse"),
        ("number", "06 12", "Ce numéro n’existe pas"),
        ("language", "klingon", "choix"),
        ("family_name", "", "obligatoire"),
        ("since_on", "31/02/2024", "date"),
    ],
)
def test_a_value_that_cannot_be_is_refused_in_french(person, field, value, complaint):
    rows = {"number": PhoneFactory(person=person), "since_on": TenancyFactory(person=person)}
    with pytest.raises(Refused, match=complaint):
        proposed(asked(person), (rows.get(field, person), field, value))
    assert not RectificationItem.objects.exists()


def test_the_later_proposal_counts_and_todays_value_is_none(person):
    request = asked(person)
    assert proposed(request, (person, "family_name", MISSPELLED)) == []
    proposed(request, (person, "family_name", "Lefevre"))
    proposed(request, (person, "family_name", RIGHT))
    assert RectificationItem.objects.get().proposed == RIGHT


def test_only_a_rectification_takes_proposals(person):
    with pytest.raises(RequestError, match="pas une rectification"):
        proposed(asked(person, right="access"), (person, "family_name", RIGHT))


# Side by side, answered one by one ------------------------------------------------------------------------------------


def test_the_plan_shows_both_values_and_what_changed_since(person):
    item, *_ = proposed(asked(person), (person, "language", "ar"))
    assert (line(item).label, line(item).before, line(item).proposed) == ("Langue", "Français", "Arabe")
    assert not line(item).has_changed
    type(person).objects.filter(pk=person.pk).update(language="pl")
    assert (line(item).before, line(item).has_changed) == ("Polonais", True)


def test_nothing_is_corrected_before_every_answer(person, dpo):
    request = asked(person)
    first, _second = proposed(request, (person, "family_name", RIGHT), (person, "email", "neuve@exemple.example"))
    approved(first, dpo)
    with pytest.raises(RequestError, match="chaque valeur"):
        rectification.decide(request, by=dpo, now=NOW)
    workflow.decide(request, outcome=Outcome.GRANTED, by=dpo, now=NOW)
    with pytest.raises(RequestError, match="chaque valeur"):
        rectification.execute(request, by=dpo, now=NOW)
    person.refresh_from_db()
    assert person.family_name == MISSPELLED


def test_a_wish_in_words_waits_for_the_dpo_to_say_which_values(person, dpo):
    request = asked(person)
    with pytest.raises(RequestError, match="Ajoutez d’abord"):
        rectification.decide(request, by=dpo, now=NOW)
    item, *_ = proposed(request, (person, "family_name", RIGHT), by=dpo)
    approved(item, dpo)
    assert carried_out(request, dpo) == {"rectified": 1, "copies": 0, "refused": 0}


def test_a_part_is_corrected_and_a_part_refused_on_its_ground(person, dpo):
    request = asked(person)
    name, email = proposed(request, (person, "family_name", RIGHT), (person, "email", "neuve@exemple.example"))
    approved(name, dpo)
    with pytest.raises(RequestError, match="motif"):
        rectification.refuse(email, ground="compelling", by=dpo, now=NOW)
    rectification.refuse(email, ground="exact", by=dpo, now=NOW)
    assert carried_out(request, dpo)["refused"] == 1
    person.refresh_from_db()
    request.refresh_from_db()
    assert (person.family_name, person.email) == (RIGHT, "ancienne@exemple.example")
    assert (request.outcome, request.ground) == (Outcome.PARTLY, "exact")
    assert request.executed_at == NOW


def statements_on(intervention):
    itself = Intervention.objects.filter(pk=OuterRef(OuterRef("pk")))
    entries = LogEntry.objects.filter(intervention=OuterRef(OuterRef("pk")))
    return (
        Intervention.objects.annotate(said=rectification.statements_beside(itself, entries))
        .get(pk=intervention.pk)
        .said
    )


def test_what_we_wrote_of_somebody_is_never_rewritten_and_a_statement_is_read_with_it(person, dpo, client):
    intervention = InterventionFactory(occupant=person)
    entry = LogEntryFactory(intervention=intervention, text="Locataire peu soigneux")
    assert key_of(entry, "text") not in {value.key for value in rectification.proposable(person)}
    request = asked(person)
    with pytest.raises(RequestError, match="parmi celles"):
        proposed(request, (entry, "text", "La fuite était là avant moi."))
    item, *_ = proposed(request, (entry, "text", "La fuite était là avant moi."), by=dpo)
    with pytest.raises(RequestError, match="ne se réécrit pas"):
        approved(item, dpo)
    rectification.refuse(item, ground="opinion", statement=item.proposed, by=dpo, now=NOW)
    assert statements_on(intervention) == ["La fuite était là avant moi."]
    client.force_login(UserFactory(role=Role.AGENT))
    page = client.get(f"/console/interventions/{intervention.pk}/").content.decode()
    assert "Déclaration de la personne" in page
    assert "Locataire peu soigneux" in page


def test_an_opinion_gets_the_persons_statement_beside_it(person, dpo):
    intervention = InterventionFactory(occupant=person, description="Locataire peu soigneux")
    request = asked(person)
    item, *_ = proposed(request, (intervention, "description", "Fuite ancienne"))
    with pytest.raises(RequestError, match="déclaration"):
        rectification.refuse(item, ground="opinion", by=dpo, now=NOW)
    assert statements_on(intervention) == []
    rectification.refuse(item, ground="opinion", statement="La fuite était là avant moi.", by=dpo, now=NOW)
    rectification.decide(request, by=dpo, now=NOW)
    request.refresh_from_db()
    assert (request.outcome, request.ground) == (Outcome.REFUSED, "opinion")
    assert statements_on(intervention) == ["La fuite était là avant moi."]
    with pytest.raises(RequestError, match="Rien n’a été accordé"):
        rectification.execute(request, by=dpo, now=NOW)


def test_nobody_unknown_is_obeyed(person, dpo):
    request = asked(person, identity=Identity.UNPROVED)
    item, *_ = proposed(request, (person, "family_name", RIGHT))
    approved(item, dpo)
    with pytest.raises(IdentityMissing):
        rectification.decide(request, by=dpo, now=NOW)


# The correction -------------------------------------------------------------------------------------------------------


def test_a_value_that_changed_meanwhile_is_not_overwritten(person, dpo):
    request = asked(person)
    name, email = proposed(request, (person, "family_name", RIGHT), (person, "email", "neuve@exemple.example"))
    seen = line(email).seen
    type(person).objects.filter(pk=person.pk).update(email="autre@exemple.example")
    with pytest.raises(Stale):
        rectification.approve(email, seen=seen, by=dpo, now=NOW)
    approved(name, dpo)
    approved(email, dpo)
    type(person).objects.filter(pk=person.pk).update(email="encore@exemple.example")
    rectification.decide(request, by=dpo, now=NOW)
    with pytest.raises(Stale, match="Adresse e-mail"):
        rectification.execute(request, by=dpo, now=NOW)
    person.refresh_from_db()
    assert (person.family_name, person.email) == (MISSPELLED, "encore@exemple.example")
    approved(email, dpo)  # looked at again
    rectification.execute(request, by=dpo, now=NOW)
    person.refresh_from_db()
    assert (person.family_name, person.email) == (RIGHT, "neuve@exemple.example")


def test_what_does_not_go_together_is_refused_and_nothing_is_half_done(person, dpo):
    tenancy = TenancyFactory(person=person, since_on=date(2024, 3, 1), until_on=date(2025, 3, 1))
    request = asked(person)
    for item in proposed(request, (person, "family_name", RIGHT), (tenancy, "since_on", "2026-01-01")):
        approved(item, dpo)
    rectification.decide(request, by=dpo, now=NOW)
    with pytest.raises(Refused, match="Locations"):
        rectification.execute(request, by=dpo, now=NOW)
    person.refresh_from_db()
    assert person.family_name == MISSPELLED
    assert not JournalEntry.objects.filter(action="rectify").exists()


def test_two_ends_of_one_row_move_together(person, dpo):
    tenancy = TenancyFactory(person=person, since_on=date(2024, 3, 1), until_on=date(2025, 3, 1))
    request = asked(person)
    changes = ((tenancy, "since_on", "2026-01-01"), (tenancy, "until_on", "2026-06-30"))
    for item in proposed(request, *changes):
        approved(item, dpo)
    carried_out(request, dpo)
    tenancy.refresh_from_db()
    assert (tenancy.since_on, tenancy.until_on) == (date(2026, 1, 1), date(2026, 6, 30))


def test_the_same_number_is_corrected_wherever_it_was_copied(person, dpo):
    phone = PhoneFactory(person=person, number="+33612345678")
    mine = InterventionFactory(occupant=person, contact_number="+33612345678")
    others = InterventionFactory(occupant=PersonFactory(), contact_number="+33612345678")
    request = asked(person)
    item, *_ = proposed(request, (phone, "number", "06 98 76 54 32"))
    assert item.proposed == "+33698765432"
    approved(item, dpo)
    assert carried_out(request, dpo)["copies"] == 1
    mine.refresh_from_db()
    others.refresh_from_db()
    assert (mine.contact_number, others.contact_number) == ("+33698765432", "+33612345678")
    assert Phone.objects.get(pk=phone.pk).number == "+33698765432"


def test_the_other_records_and_the_login_of_the_person_follow(person, dpo):
    absorbed = PersonFactory(family_name=MISSPELLED, given_name="Anne")
    namesake = PersonFactory(family_name=MISSPELLED)
    login = UserFactory(role=Role.TENANT, person=person, full_name=f"Anne {MISSPELLED}")
    merge_people(person, absorbed, by=dpo, now=NOW)
    request = asked(person)
    item, *_ = proposed(request, (person, "family_name", RIGHT))
    approved(item, dpo)
    assert carried_out(request, dpo)["copies"] == 2
    absorbed.refresh_from_db()
    namesake.refresh_from_db()
    assert (absorbed.family_name, namesake.family_name) == (RIGHT, MISSPELLED)
    assert User.objects.get(pk=login.pk).full_name == f"Anne {RIGHT}"


def test_the_journal_tells_who_and_when_and_of_the_values_a_keyed_hash(person, dpo, settings):
    request = asked(person)
    item, *_ = proposed(request, (person, "family_name", RIGHT))
    approved(item, dpo)
    carried_out(request, dpo)
    entry = JournalEntry.objects.get(action="rectify")
    assert (entry.actor, entry.at, entry.object_id) == (dpo, NOW, person.pk)
    assert entry.details["before"] == f"hmac:{rectification.digest(MISSPELLED)}"
    assert entry.details["after"] == f"hmac:{rectification.digest(RIGHT)}"
    assert MISSPELLED not in str(entry.details)
    settings.LEDGER_KEYS = ["another-key"]
    assert entry.details["after"] != f"hmac:{rectification.digest(RIGHT)}"


def test_recipients_are_told_once_it_is_done(person, dpo):
    intervention = InterventionFactory(occupant=person)
    disclosure.record(
        person,
        kind="trades",
        name="Plombier",
        fields=["nom"],
        purpose="providers",
        source=intervention,
        by=dpo,
        now=NOW,
    )
    request = asked(person)
    item, *_ = proposed(request, (person, "family_name", RIGHT))
    approved(item, dpo)
    carried_out(request, dpo)
    assert RecipientNotice.objects.get(request=request).recipient_name == "Plombier"


def test_twice_is_once_and_after_it_nothing_is_answered_anew(person, dpo):
    request = asked(person)
    item, *_ = proposed(request, (person, "family_name", RIGHT))
    approved(item, dpo)
    carried_out(request, dpo)
    for again in (
        lambda: rectification.execute(request, by=dpo, now=NOW + timedelta(minutes=1)),
        lambda: rectification.refuse(item, ground="exact", by=dpo, now=NOW),
        lambda: proposed(request, (person, "email", "neuve@exemple.example")),
    ):
        with pytest.raises(RequestError, match="déjà exécutée"):
            again()
    assert JournalEntry.objects.filter(action="rectify").count() == 1


def test_an_erasure_empties_the_values_and_keeps_the_case(person, dpo):
    canary = "Canari-Zygomatique"
    request = asked(person)
    item, *_ = proposed(request, (person, "family_name", canary))
    rectification.refuse(item, ground="opinion", statement=canary, by=dpo, now=NOW)
    rectification.decide(request, by=dpo, now=NOW)
    workflow.answer(request, by=dpo, now=NOW)
    erasure.erase(person, by=dpo, now=NOW)
    item.refresh_from_db()
    assert (item.proposed, item.statement, item.before_hash) == ("", "", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM privacy_rectificationitem AS i WHERE i::text LIKE %s", [f"%{canary}%"])
        assert cursor.fetchone() == (0,)


# The DPO's pages ------------------------------------------------------------------------------------------------------


def post(client, name, *args, **said):
    return client.post(reverse(f"admin:rights_rectification_{name}", args=args), said)


def told_to(response):
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


@pytest.fixture
def at_the_desk(client, dpo):
    client.force_login(dpo)
    return client


def shown(request, dpo):
    context = rectification_desk.part(request, by=dpo, now=timezone.now())
    return render_to_string("admin/requests/rectification.html", context)


def test_the_dpo_corrects_a_request_in_words_step_by_step(at_the_desk, person, dpo):
    request = asked(person)
    assert "Aucune valeur n’est encore proposée" in shown(request, dpo)
    page = at_the_desk.get(reverse("admin:rights_rectification_values", args=[request.pk])).content.decode()
    assert f'value="{MISSPELLED}"' in page
    typed = {value.key: value.text for value in rectification.proposable(person)}
    typed.pop(key_of(person, "assistance"))
    post(at_the_desk, "values", request.pk, **{**typed, key_of(person, "family_name"): RIGHT})
    item = request.items.get()
    page = shown(request, dpo)
    assert f"<del>{MISSPELLED}</del>" in page
    assert f"<ins>{RIGHT}</ins>" in page
    assert "1 réponse à donner" in page
    assert "Répondez d’abord" in told_to(post(at_the_desk, "execute", request.pk))
    post(at_the_desk, "answer", request.pk, item.pk, answer="approved", seen=line(item).seen)
    assert "Décider et rectifier" in shown(request, dpo)
    assert "Rectifié" in told_to(post(at_the_desk, "execute", request.pk))
    person.refresh_from_db()
    assert person.family_name == RIGHT
    request.refresh_from_db()
    assert "Accepter" not in shown(request, dpo)
    assert "déjà exécutée" in told_to(post(at_the_desk, "execute", request.pk))


def test_a_mistake_is_told_beside_what_was_typed_and_nothing_is_lost(at_the_desk, person):
    request = asked(person)
    typed = {value.key: value.text for value in rectification.proposable(person)} | {key_of(person, "email"): "anne@"}
    typed.pop(key_of(person, "assistance"))
    answer = post(at_the_desk, "values", request.pk, **typed)
    assert answer.status_code == 422
    assert 'value="anne@"' in answer.content.decode()
    assert not request.items.exists()


def test_bad_answers_are_told_and_are_no_errors(at_the_desk, person):
    request = asked(person)
    item, *_ = proposed(request, (person, "family_name", RIGHT))
    for said in ({}, {"answer": "refused", "ground": "x"}, {"answer": "refused", "ground": "opinion"}):
        assert told_to(post(at_the_desk, "answer", request.pk, item.pk, **said))
    assert "a changé" in told_to(post(at_the_desk, "answer", request.pk, item.pk, answer="approved", seen="x"))
    item.refresh_from_db()
    assert item.answer == ""
    assert post(at_the_desk, "answer", asked(PersonFactory()).pk, item.pk).status_code == 404
    assert post(at_the_desk, "execute", asked(person, right="access").pk).status_code == 404
