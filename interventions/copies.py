"""Numbers to call back are copied from the person's: corrected with them (GDPR article 16)."""

from collections.abc import Iterator

from django.db.models import Model, Q

from interventions.models import Intervention, ReportDraft


def correct_contact_numbers(people: list[int], *, before: str, after: str) -> Iterator[Model]:
    theirs = Q(occupant__in=people) | Q(occupant=None, reported_by__in=people)
    for rows in (Intervention.objects.filter(theirs), ReportDraft.objects.filter(person__in=people)):
        for row in rows.select_for_update(of=("self",)).filter(contact_number=before).order_by("pk"):
            row.contact_number = after
            row.save(update_fields=["contact_number"])
            yield row
