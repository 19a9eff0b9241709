"""The DPO leads each of the ten rights from the paper letter to the answer, by what is on the page alone."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Person
from accounts.roles import Role
from privacy.models import (
    ConsentEvent,
    ExportPackage,
    Letter,
    Objection,
    PostMortemDirective,
    Restriction,
    RightsRequest,
)
from privacy.rights import packages
from tests.factories import ComplaintFactory, InterventionFactory, PersonFactory, UserFactory
from tests.journeys.test_every_address import sign_in
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE

pytestmark = pytest.mark.django_db(transaction=True)

RIGHTS = RightsRequest.Right


@pytest.fixture
def person():
    found = PersonFactory(family_name="Serin", given_name="Odile", email="serin@exemple.example")
    InterventionFactory(occupant=found, opened_at=timezone.now(), description="")
    ComplaintFactory(person=found, opened_at=timezone.now())
    return found


@pytest.fixture
def page(visitor, site):
    page = visitor(viewport={"width": 1440, "height": 900})
    sign_in(page, site, UserFactory(role=Role.DPO, full_name="Dominique Pons"))
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def reads(page: Page, words: str) -> None:
    expect(page.locator("body")).to_contain_text(words)


def is_sound(page: Page) -> None:
    page.evaluate(AXE)
    assert [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS)] == []


def enter(page: Page, site: str, right: str, person: Person) -> RightsRequest:
    """From the home of the DPO's site: the letter that came today, and whose it is."""
    page.goto(f"{site}/admin/")
    follow(page, "Saisir une demande")
    page.get_by_role("link", name=RIGHTS(right).label, exact=True).click()
    page.get_by_label("D’abord, chercher la fiche de la personne").fill("serin")
    press(page, "Chercher")
    page.get_by_role("link", name=f"Choisir la fiche {person.pk}").click()
    page.get_by_label("Courrier").check()
    for label in QUESTIONS.get(right, []):
        page.get_by_label(label).check()
    if page.locator("textarea[required]").count():
        page.locator("textarea[required]").fill("Voir ma lettre.")
    press(page, "Enregistrer la demande")
    reads(page, "Accuser réception")
    return RightsRequest.objects.get()


QUESTIONS: dict[str, list[str]] = {
    RIGHTS.OBJECTION: ["Mener des enquêtes et des sondages"],
    RIGHTS.WITHDRAWAL: ["Demander votre avis"],
    RIGHTS.RESTRICTION: ["Vous n’en avez plus besoin, mais moi si, pour défendre mes droits"],
}


def acknowledge(page: Page) -> None:
    follow(page, "Accuser réception")
    press(page, "Envoyer")
    reads(page, "Établir l’identité")


def identify(page: Page) -> None:
    press(page, "Aucun doute raisonnable")
    reads(page, "L’identité est établie.")


def decide(page: Page) -> None:
    page.get_by_label("Accordée", exact=True).check()
    press(page, "Décider")
    reads(page, "Décision notée.")


def answer(page: Page) -> None:
    follow(page, "Répondre à la personne")
    expect(page.get_by_label("Texte")).to_have_value(re.compile("Voici notre réponse"))
    press(page, "Envoyer")
    reads(page, "Close")


@pytest.fixture
def begun(page, site, person):
    """Entered, acknowledged, and known to be of the person."""

    def begun(right: str) -> RightsRequest:
        request = enter(page, site, right, person)
        acknowledge(page)
        identify(page)
        is_sound(page)
        return request

    return begun


def carry_out(page: Page, words: str) -> None:
    press(page, words)
    reads(page, "Il reste à le lui répondre.")


def test_information(page, begun):
    begun(RIGHTS.INFORMATION)
    decide(page)
    carry_out(page, "Informer")
    answer(page)


@pytest.mark.parametrize("right", [RIGHTS.ACCESS, RIGHTS.PORTABILITY])
def test_a_copy(page, begun, right):
    request = begun(right)
    follow(page, "Préparer la copie")
    press(page, "Préparer la copie")
    package = ExportPackage.objects.get()
    packages.work_on(package.pk, now=timezone.now())
    page.reload()
    if right == RIGHTS.ACCESS:
        follow(page, "Relire les textes")
        press(page, "Relus, terminer")
        press(page, "La relecture est finie")
        packages.work_on(package.pk, now=timezone.now())
        page.reload()
    follow(page, f"Demande {request.reference}")
    decide(page)
    follow(page, "Remettre la copie")
    press(page, "Remettre la copie")
    reads(page, "Lien envoyé.")
    follow(page, f"Demande {request.reference}")
    answer(page)


def test_rectification(page, begun, person):
    begun(RIGHTS.RECTIFICATION)
    follow(page, "Dire quelles valeurs sont à rectifier")
    page.get_by_label(re.compile("^Prénom")).fill("Odette")
    press(page, "Ajouter à la demande")
    press(page, "Accepter")
    press(page, "Décider et rectifier")
    reads(page, "Rectifié")
    person.refresh_from_db()
    assert person.given_name == "Odette"
    answer(page)


def test_erasure(page, begun, person):
    request = begun(RIGHTS.ERASURE)
    decide(page)
    follow(page, "Effacer selon le plan")
    reads(page, "Réclamations")
    is_sound(page)
    page.get_by_label("Recopiez la référence de la demande").fill("oui")
    press(page, "Effacer définitivement")
    reads(page, f"recopiez exactement {request.reference}")
    page.get_by_label("Recopiez la référence de la demande").fill(request.reference)
    press(page, "Effacer définitivement")
    reads(page, "C’est effacé.")
    reads(page, "Close")
    assert not Person.objects.filter(pk=person.pk).exists()


def test_restriction(page, begun):
    begun(RIGHTS.RESTRICTION)
    decide(page)
    carry_out(page, "Mettre les données de côté")
    assert Restriction.objects.active().get().reason == "claims"
    answer(page)
    follow(page, "Annoncer la fin de la limitation")
    press(page, "Envoyer")
    reads(page, "Fin d’une limitation")


def test_objection(page, site, person):
    """Polls stop at once, without weighing, as soon as it is known who asks."""
    enter(page, site, RIGHTS.OBJECTION, person)
    acknowledge(page)
    identify(page)
    decide(page)
    carry_out(page, "Faire cesser cet usage")
    assert Objection.objects.get().state == "upheld"
    answer(page)


def test_withdrawal(page, begun):
    begun(RIGHTS.WITHDRAWAL)
    decide(page)
    carry_out(page, "Retirer l’accord")
    assert ConsentEvent.objects.get().answer == "withdrawn"
    answer(page)


def test_automated_decision(page, begun):
    begun(RIGHTS.AUTOMATED_DECISION)
    reads(page, "Le logiciel ne décide de rien")
    decide(page)
    carry_out(page, "Donner le résultat de la revue")
    answer(page)


def test_post_mortem_directives(page, begun):
    begun(RIGHTS.POST_MORTEM)
    follow(page, "Noter ses directives")
    page.get_by_role("radio").first.check()
    press(page, "Noter ces directives")
    assert PostMortemDirective.objects.exists()
    decide(page)
    follow(page, "Donner la suite choisie")
    page.locator("#content form button").click()
    answer(page)


def test_a_refusal(page, begun):
    begun(RIGHTS.PORTABILITY)
    page.get_by_label("Refusée").check()
    press(page, "Décider")
    reads(page, "Choisissez un motif")
    page.get_by_label("Motif légal").select_option("not_portable")
    page.get_by_label("Refusée").check()
    press(page, "Décider")
    follow(page, "Répondre à la personne")
    expect(page.get_by_label("Texte")).to_have_value(re.compile("3 place de Fontenoy"))
    is_sound(page)
    press(page, "Envoyer")
    reads(page, "Close")
    assert Letter.objects.get(kind="refusal").sent_at is not None


def test_a_stranger_of_whom_nothing_is_held(page, site):
    page.goto(f"{site}/admin/droits/nouvelle/?droit=access")
    page.get_by_label("E-mail", exact=True).check()
    page.get_by_label("Nom de qui demande").fill("Madame Inconnue")
    page.get_by_label("Répondre à").fill("inconnue@exemple.example")
    press(page, "Enregistrer la demande")
    follow(page, "Accuser réception")
    press(page, "Envoyer")
    follow(page, "Retrouver la personne")
    page.get_by_label("Chercher la fiche de la personne concernée").fill("Inconnue")
    press(page, "Chercher")
    reads(page, "Personne ne se trouve ainsi.")
    is_sound(page)
    press(page, "Nous ne gardons rien sur cette personne")
    follow(page, "Répondre à la personne")
    expect(page.get_by_label("Texte")).to_have_value(re.compile("nous ne gardons aucune donnée"))
    press(page, "Envoyer")
    reads(page, "Close")
