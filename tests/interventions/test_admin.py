from datetime import date

import pytest
from django.urls import reverse

from accounts.roles import Role
from interventions.complaints import open_complaint
from interventions.models import FinancialYear, MonthlyFigure, ProviderLink
from tests.factories import (
    NOW,
    AccessCodeFactory,
    FinancialYearFactory,
    InterventionFactory,
    InvoiceFactory,
    LandlordFactory,
    PersonFactory,
    ProviderFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


def test_a_code_is_written_in_the_admin_site_and_never_read_there(client):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    code = AccessCodeFactory(code="12A34")
    change = reverse("admin:interventions_accesscode_change", args=[code.pk])
    assert 'name="code"' in client.get(reverse("admin:interventions_accesscode_add")).content.decode()

    page = client.get(change).content.decode()
    assert 'name="label"' in page
    assert 'name="code"' not in page
    assert "12A34" not in page

    client.post(change, {"residence": code.residence_id, "label": "Hall"})
    code.refresh_from_db()
    assert (code.label, code.code) == ("Hall", "12A34")


def test_a_contract_may_shorten_what_is_kept_and_never_lengthen_it(client):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    landlord = LandlordFactory()
    change = reverse("admin:interventions_landlord_change", args=[landlord.pk])
    page = client.get(change)
    assert "14\N{NO-BREAK SPACE}mois, selon la politique" in page.content.decode()
    inlines = {
        f"{formset.formset.prefix}-{name}": 0
        for formset in page.context["inline_admin_formsets"]
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    said = {"name": landlord.name, "code": landlord.code, "contract_from_on": "01/01/2020", **inlines}

    for refused in ({"retention_months": 15}, {"recording_months": 4}, {"retention_months": 0}):
        response = client.post(change, said | refused)
        assert response.status_code == 200
        assert response.context["adminform"].form.errors.keys() == refused.keys()
    client.post(change, said | {"retention_months": 12, "recording_months": 1})
    landlord.refresh_from_db()
    assert (landlord.retention_months, landlord.recording_months) == (12, 1)


def one_of_each():
    landlord, provider = LandlordFactory(), ProviderFactory()
    year = FinancialYear.objects.create(starts_on=date(2025, 1, 1), closes_on=date(2025, 12, 31))
    intervention = InterventionFactory(provider=provider)
    link = {"intervention": intervention, "provider": provider, "token_hash": "0" * 64, "created_at": NOW}
    figure = {"landlord": landlord, "month": date(2026, 3, 1), "trade": "lift", "outcome": "closed", "count": 1}
    return {
        "complaint": open_complaint(
            PersonFactory(), landlord=landlord, subject="Retard", text="En retard.", intervention=None, now=NOW
        ),
        "providerlink": ProviderLink.objects.create(**link),
        "monthlyfigure": MonthlyFigure.objects.create(**figure),
        "financialyear": year,
        "invoice": InvoiceFactory(financial_year=year, landlord=landlord),
    }


READS = {
    Role.ADMINISTRATOR: {"complaint", "providerlink", "monthlyfigure", "financialyear", "invoice"},
    Role.DPO: {"complaint"},
    Role.ACCOUNTING: {"financialyear", "invoice"},
}


@pytest.mark.parametrize("role", Role)
def test_each_role_reads_what_is_its_own_and_nobody_rewrites_it(client, role):
    client.force_login(UserFactory(role=role))
    readable = set()
    for name, row in one_of_each().items():
        change = reverse(f"admin:interventions_{name}_change", args=[row.pk])
        statuses = {
            client.get(reverse(f"admin:interventions_{name}_changelist")).status_code,
            client.get(change).status_code,
        }
        assert len(statuses) == 1
        if statuses == {200}:
            readable.add(name)
        assert client.post(change, {}).status_code in (302, 403)
        row.refresh_from_db()
        assert client.post(reverse(f"admin:interventions_{name}_delete", args=[row.pk])).status_code in (302, 403)
        assert type(row).objects.filter(pk=row.pk).exists()
    assert readable == READS.get(role, set())


def test_the_end_of_a_financial_year_stays_once_it_has_invoices(client):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    year = one_of_each()["financialyear"]
    change = reverse("admin:interventions_financialyear_change", args=[year.pk])
    assert client.post(change, {"starts_on": "01/01/2025", "closes_on": "30/06/2026"}).status_code == 403
    empty = FinancialYearFactory(starts_on=date(2024, 1, 1))
    change = reverse("admin:interventions_financialyear_change", args=[empty.pk])
    assert client.post(change, {"starts_on": "01/07/2024", "closes_on": "31/12/2024"}).status_code == 302
    empty.refresh_from_db()
    assert empty.starts_on == date(2024, 7, 1)


def test_the_hash_of_a_link_is_not_shown(client):
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    link = one_of_each()["providerlink"]
    page = client.get(reverse("admin:interventions_providerlink_change", args=[link.pk])).content.decode()
    assert str(link.provider) in page
    assert link.token_hash not in page
