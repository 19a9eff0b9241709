"""Who is named in a report on the portal is told so at once, or by the DPO where no message reaches them."""

import pytest

from interventions import reports
from interventions.models import ReportDraft
from privacy.models import OutgoingMessage, ThirdPartyNotice
from tests.factories import NOW, DwellingFactory, PersonFactory, TenancyFactory

pytestmark = pytest.mark.django_db


def report(*, number, relation="relative"):
    tenancy = TenancyFactory(person=PersonFactory(), dwelling=DwellingFactory())
    draft = ReportDraft.objects.create(
        person=tenancy.person,
        started_at=NOW,
        expires_at=NOW + reports.DRAFT_KEPT,
        done=[step.value for step in ReportDraft.Step],
        dwelling=tenancy.dwelling,
        relation=relation,
        other_name="Lefebvre" if relation else "",
        other_number=number,
        place="bathroom",
        problem_code="leak_pipe",
    )
    return reports.send_report(draft, follow_link=False, now=NOW)


def test_they_are_told_by_message_at_once():
    opened = report(number="+33612345678")
    notice = ThirdPartyNotice.objects.get()
    assert notice.person == opened.occupant
    assert (notice.told_at, notice.told_how) == (NOW, "message")
    assert OutgoingMessage.objects.get().kind == "named_by_another"
    assert (notice.source_model, notice.source_id) == ("interventions.Intervention", opened.pk)


def test_without_a_portable_it_is_the_dpo_who_tells_them():
    opened = report(number="+33327123456")
    assert ThirdPartyNotice.objects.waiting().get().person == opened.occupant
    assert not OutgoingMessage.objects.exists()


def test_who_reports_for_themselves_is_told_by_the_page():
    report(number="", relation="")
    assert not ThirdPartyNotice.objects.exists()
