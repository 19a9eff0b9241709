"""At two in the morning the duty manager decides; at eight its day team has read the night, line by line."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from accounts.roles import Role
from callcenter import night_reports
from callcenter.models import NightReport, NightReportLine
from interventions.models import DutyShift, LandlordContact, Status
from tests.factories import (
    DwellingFactory,
    InterventionFactory,
    LandlordFactory,
    PersonFactory,
    ResidenceFactory,
    TransitionFactory,
)
from tests.journeys.desk import PASSWORD, Desk, in_minutes, make_agent
from tests.outbox import deliver_all
from tests.signing_in import code_now

pytestmark = pytest.mark.django_db(transaction=True)


def opened(landlord):
    now = timezone.now() - timedelta(hours=1)
    dwelling = DwellingFactory(residence=ResidenceFactory(landlord=landlord), door="12")
    job = InterventionFactory(
        residence=dwelling.residence,
        dwelling=dwelling,
        occupant=PersonFactory(family_name="Zygomatique"),
        status=Status.QUALIFIED,
        opened_at=now,
        last_event_at=now,
        suggested_on_site_by=in_minutes(90),
    )
    TransitionFactory(intervention=job, to_status=Status.QUALIFIED, at=now)
    return job


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without JavaScript"])
def test_the_decision_of_the_night_and_the_report_of_the_morning(visitor, site, settings, scripts):
    settings.SITE_URL = site
    landlord = LandlordFactory(name="Foyer de la Sensée")
    manager = make_agent("Claire Delattre", role=Role.LANDLORD_MANAGER)
    landlord.managers.add(manager)
    job, other = opened(landlord), opened(landlord)
    for rank, name in enumerate(("Colette Vasseur", "Denis Lenoir"), start=1):
        contact = LandlordContact.objects.create(landlord=landlord, name=name, number=f"+3361234567{rank}")
        DutyShift.objects.create(contact=contact, rank=rank, starts_at=in_minutes(-600), ends_at=in_minutes(600))

    desk = Desk(visitor(java_script_enabled=scripts), site)
    desk.sign_in(make_agent("Nadia Benali"))
    desk.page.goto(f"{site}/console/interventions/{job.pk}/")
    panel = desk.page.locator("#cadre")
    panel.get_by_text("Demander une décision").click()
    panel.get_by_label("Ce qu’il faut décider").fill("Ouvrir la chaufferie cette nuit")
    panel.get_by_role("button", name="Noter la question").click()
    expect(panel.locator(".decision")).to_contain_text("Colette Vasseur")
    panel.get_by_role("button", name="Ne répond pas").click()
    expect(panel.locator(".decision")).to_contain_text("Denis Lenoir")
    panel.get_by_label("Accepte").check()
    panel.get_by_label("Ses mots").fill("Oui, avec le gardien.")
    panel.get_by_role("button", name="Noter la décision").click()
    timeline = desk.page.locator("#timeline")
    expect(timeline).to_contain_text("accepte (Denis Lenoir), Oui, avec le gardien.")
    expect(timeline).to_contain_text("Cadre d’astreinte injoignable")

    now = timezone.now()
    this_morning = night_reports.morning_of(timezone.localdate(now))
    report = NightReport.objects.create(
        landlord=landlord, from_at=this_morning - timedelta(days=1), until_at=this_morning, made_at=now
    )
    for one in (job, other):
        report.lines.create(intervention=one, kind=NightReportLine.Kind.TAKE_OVER)
    night_reports.tell(report, now=now)
    deliver_all(now)
    [message] = [each for each in mail.outbox if each.to == [manager.email]]
    link = re.search(r"http\S+", message.body)[0]

    page = visitor(java_script_enabled=scripts)
    page.goto(link)
    page.get_by_label("Adresse e-mail").fill(manager.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_label("Code à six chiffres").fill(code_now())
    page.keyboard.press("Enter")
    main = page.locator("#main")
    expect(main).to_contain_text("À reprendre par vos équipes")
    expect(main).not_to_contain_text("Zygomatique")
    page.get_by_role("button", name=f"Vu {job.reference}").click()
    expect(main.get_by_role("row", name=job.reference)).to_contain_text("Claire Delattre")
    page.get_by_role("button", name="Tout prendre en compte").click()
    expect(main).to_contain_text("Lignes à prendre en compte")
    assert set(report.lines.values_list("acknowledged_by", flat=True)) == {manager.pk}
