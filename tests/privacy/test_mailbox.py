"""Whoever tries the demonstration reads there what a tenant would have received. Nowhere else does the page exist."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.mail import EmailMultiAlternatives, send_mail

from privacy.outbox import absolute, send
from tests.factories import NOW, PersonFactory
from tests.outbox import deliver_all
from tests.privacy import demo_urls
from tests.sofratel.test_settings import PRODUCTION

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def demo(settings, tmp_path):
    settings.ROOT_URLCONF = demo_urls.__name__
    settings.DEMO = True
    settings.EMAIL_BACKEND = "privacy.outbox.mailbox.Mails"
    settings.SMS_BACKEND = "privacy.outbox.mailbox.Texts"
    settings.MAILBOX_DIR = tmp_path / "mailbox"


@pytest.mark.django_db
def test_mails_and_sms_are_there_the_newest_first_with_links_to_open(demo, client):
    link = absolute("/portail/lien/abc/")
    send("follow_link", to="tenant@exemple.example", person=PersonFactory(), link=link, now=NOW)
    send("follow_link", to="+33612345678", link=link, now=NOW)
    deliver_all(NOW)
    page = client.get("/boite/").content.decode()

    assert page.count(f'<a href="{link}" rel="nofollow">') == 2
    assert "SMS à 06\u00a012\u00a034\u00a056\u00a078" in page
    assert "E-mail à tenant@exemple.example" in page
    assert page.index("SMS à") < page.index("E-mail à")


@pytest.mark.django_db
def test_any_other_mail_of_the_product_is_there_too_and_is_text(demo, client):
    send_mail("Mot de passe", "Ouvrez <b>ceci</b>", None, ["quelqu.un@exemple.example"])
    both = EmailMultiAlternatives("Deux formes", "Le texte", to=["quelqu.un@exemple.example"])
    both.attach_alternative("<script>La page</script>", "text/html")
    both.send()
    page = client.get("/boite/").content.decode()

    assert "Mot de passe" in page
    assert "Ouvrez &lt;b&gt;ceci&lt;/b&gt;" in page
    assert "Le texte" in page
    assert "La page" not in page


@pytest.mark.django_db
def test_an_empty_box_says_so_and_the_banner_leads_there(demo, client):
    assert "Rien n’est parti" in client.get("/boite/").content.decode()
    assert '<a href="/boite/">Messages</a>' in client.get("/").content.decode()


@pytest.mark.django_db
def test_elsewhere_there_is_no_such_address(client):
    assert client.get("/boite/").status_code == 404
    assert "/boite/" not in client.get("/").content.decode()


FIND = "import django; django.setup(); from django.urls import reverse; print(reverse('mailbox'))"


@pytest.mark.parametrize(
    ("environment", "found"),
    [({"SOFRATEL_MODE": "demo"}, "/boite/\n"), (PRODUCTION, ""), ({"SOFRATEL_MODE": "test"}, "")],
    ids=["demo", "production", "test"],
)
def test_only_the_demonstration_has_it(environment, found):
    path = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "sofratel.settings"}
    asked = subprocess.run(
        [sys.executable, "-c", FIND], cwd=ROOT, env={**path, **environment}, capture_output=True, text=True, check=False
    )
    assert asked.stdout == found, asked.stderr
    assert ("NoReverseMatch" in asked.stderr) == (found == "")
