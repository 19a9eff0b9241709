"""The leak of the night on the plumber's telephone: a link, yes, on site, done with a photo; then it opens nothing."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from interventions.models import Intervention, Photo, Signature, Status
from privacy.outbox import sms
from tests.factories import (
    AccessCodeFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    ResidenceFactory,
)
from tests.interventions.portal.pictures import phone_photo
from tests.journeys.desk import Desk, in_minutes, make_agent
from tests.journeys.test_every_page import AXE, SERIOUS, TOO_WIDE, heard
from tests.outbox import deliver_all

pytestmark = pytest.mark.django_db(transaction=True)

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def leak():
    residence = ResidenceFactory(name="Les Hortensias", landlord=LandlordFactory(name="Habitat du Cambrésis"))
    AccessCodeFactory(residence=residence, label="Digicode", code="12A34")
    ProviderFactory(name="Plomberie Wallez", number="+33611000001", email="depannage@wallez.example")
    tenant = PersonFactory(family_name="Delattre", given_name="Simone")
    return InterventionFactory(
        residence=residence,
        occupant=tenant,
        contact_number="+33612345678",
        opened_at=timezone.now(),
        suggested_on_site_by=in_minutes(90),
    )


def is_fit_for_all(page):
    page.evaluate(AXE)
    assert [*page.evaluate(TOO_WIDE), *page.evaluate(SERIOUS)] == []


@pytest.mark.parametrize(
    ("scripts", "theme"), [(True, "dark"), (False, "light")], ids=["with scripts", "without JavaScript"]
)
def test_the_plumber_answers_on_the_telephone(visitor, site, settings, leak, scripts, theme, tmp_path):
    settings.SITE_URL = site
    desk = Desk(visitor(), site)
    desk.sign_in(make_agent("Nadia Benali"))
    desk.page.goto(f"{site}/console/interventions/{leak.pk}/")
    desk.act("t")
    expect(desk.page.locator("#candidates")).to_contain_text("Plomberie Wallez")
    desk.page.locator("#step").get_by_role("button", name="Transmettre").click()
    desk.is_at("Transmise")
    expect(desk.page.locator(".dispatched")).to_contain_text("pas encore ouvert")

    deliver_all(timezone.now())
    [text] = [each for each in sms.outbox if each.to == "+33611000001"]
    link = re.search(r"http\S+", text.text)[0]
    phone = visitor(viewport=PHONE, color_scheme=theme, java_script_enabled=scripts, has_touch=True)
    complaints = heard(phone)
    phone.goto(link)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Fuite sur un tuyau ou un robinet")
    main = phone.locator("#main")
    expect(main).to_contain_text("12A34")
    expect(main).not_to_contain_text("Delattre")
    expect(main).not_to_contain_text("06 12 34 56 78")
    if scripts:
        is_fit_for_all(phone)

    phone.get_by_label("J’arrive").select_option("45")
    phone.get_by_role("button", name="J’accepte").click()
    expect(main).to_contain_text("Vous avez annoncé votre arrivée")
    expect(main.get_by_role("link", name="Rappeler sur place")).to_have_attribute("href", "tel:+33612345678")
    expect(desk.page.locator(".dispatched")).to_contain_text("Arrivée annoncée")  # nobody reloaded the page
    expect(desk.page.locator(".dispatched")).to_contain_text("Lien ouvert à")

    phone.get_by_role("button", name="Je suis sur place").click()
    expect(phone.locator(".on-site-state")).to_contain_text("Vous êtes sur place")
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(phone_photo((800, 600)))
    done = phone.locator("form", has=phone.get_by_role("button", name="Travail fait"))
    done.get_by_label("Ce qui a été fait").fill("Joint remplacé sous l’évier, essai sans fuite.")
    done.get_by_label("Photos").set_input_files(photo)
    done.get_by_label("Qui signe").select_option("worker")
    done.get_by_label("Son nom").fill("J. Wallez")
    if scripts:
        is_fit_for_all(phone)
        frame = done.locator("canvas")
        frame.scroll_into_view_if_needed()
        box = frame.bounding_box()
        phone.mouse.move(box["x"] + 30, box["y"] + 60)
        phone.mouse.down()
        phone.mouse.move(box["x"] + 200, box["y"] + 30, steps=8)
        phone.mouse.up()
        expect(done.locator("[name=signature]")).to_have_value(re.compile("signature.png"))
    else:
        expect(done.locator("canvas")).to_be_hidden()
    done.get_by_role("button", name="Travail fait").click()
    expect(main).to_contain_text("C’est noté, merci.")
    expect(main).not_to_contain_text("12A34")

    desk.is_at("Faite")
    expect(desk.page.locator("#timeline")).to_contain_text("Joint remplacé sous l’évier")
    desk.page.reload()
    expect(desk.page.locator("#main")).to_contain_text("Signé par J. Wallez")
    desk.act("c")
    desk.is_at("Close")

    answer = phone.goto(link)
    assert answer.status == 404
    expect(phone.get_by_role("heading", level=1)).to_have_text("Ce lien ne mène plus à rien")
    expect(phone.locator("body")).not_to_contain_text("12A34")
    assert [each for each in complaints if "404" not in each] == []

    intervention, signature = Intervention.objects.get(), Signature.objects.get()
    assert intervention.status == Status.CLOSED
    assert intervention.photos.from_provider().count() == 1
    assert bool(signature.image_id) == scripts
    assert Photo.objects.count() == 1 + scripts
