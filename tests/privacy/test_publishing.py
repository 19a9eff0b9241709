import hashlib

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, InternalError, transaction

from privacy import policy
from privacy.models import PolicyVersion
from privacy.publishing import PolicyChanged, is_published, publish_policy
from tests.factories import NOW

pytestmark = pytest.mark.django_db


def test_a_published_page_is_kept_with_its_fingerprint():
    kept = publish_policy(now=NOW)
    assert (kept.version, kept.published_on, kept.kept_at) == ("2025-01-02", policy.PUBLISHED_ON, NOW)
    assert kept.sha256 == hashlib.sha256(kept.page.encode()).hexdigest()
    assert "14\N{NO-BREAK SPACE}mois" in kept.page
    assert PolicyVersion.objects.current() == kept


def test_publishing_again_changes_nothing(capsys):
    call_command("publish_policy")
    call_command("publish_policy")
    kept = PolicyVersion.objects.get()
    assert capsys.readouterr().out == f"Politique 2025-01-02 publiée, SHA-256 {kept.sha256}.\n" * 2


def test_another_text_needs_another_version(monkeypatch):
    publish_policy(now=NOW)
    assert is_published()
    monkeypatch.setattr(policy, "RIGHTS", policy.RIGHTS[:-1])
    assert not is_published()
    with pytest.raises(PolicyChanged):
        publish_policy(now=NOW)
    with pytest.raises(CommandError, match="nouvelle version"):
        call_command("publish_policy")
    monkeypatch.setattr(policy, "VERSION", "2027-01-01")
    publish_policy(now=NOW)
    assert PolicyVersion.objects.count() == 2


def test_the_database_refuses_to_change_or_delete_a_published_page():
    kept = publish_policy(now=NOW)
    for rewrite in (lambda: PolicyVersion.objects.update(page="rien"), kept.delete):
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            rewrite()
    assert PolicyVersion.objects.get().page == kept.page


def test_the_page_says_every_number_from_the_data_and_links_to_each_section(client):
    publish_policy(now=NOW)
    response = client.get("/confidentialite/")
    page = response.content.decode()
    assert response.status_code == 200
    for row in policy.ROWS:
        assert row.label in page
        assert str(row.period) in page
    for right in policy.RIGHTS:
        assert right.label in page
    anchors = ["objet", "responsable", "donnees", "pourquoi", "destinataires", "hors-europe", "durees", "securite"]
    for anchor in [*anchors, "droits", "mises-a-jour"]:
        assert page.count(f'id="{anchor}"') == page.count(f'href="#{anchor}"') == 1
    assert page.count('class="proof"') == len(policy.ROWS) == 7


def test_an_older_version_stays_readable_as_it_was(client, monkeypatch):
    publish_policy(now=NOW)
    monkeypatch.setattr(policy, "VERSION", "2027-01-01")
    monkeypatch.setattr(policy, "PUBLISHED_ON", policy.PUBLISHED_ON.replace(year=2027))
    monkeypatch.setattr(policy, "DPO_EMAIL", "nouveau@exemple.example")
    publish_policy(now=NOW)
    older = client.get("/confidentialite/2025-01-02/").content.decode()
    assert "dpo@cat.sofratel.fr" in older
    assert "nouveau@exemple.example" not in older
    assert "Lire celle en vigueur" in older
    newer = client.get("/confidentialite/2027-01-01/").content.decode()
    assert "nouveau@exemple.example" in newer
    assert "Lire celle en vigueur" not in newer
    assert client.get("/confidentialite/1999-01-01/").status_code == 404


def test_the_home_page_and_every_footer_lead_to_it(client):
    assert client.get("/").content.decode().count('href="/confidentialite/') >= 2
    assert 'href="/confidentialite/"' in client.get("/connexion/").content.decode()
