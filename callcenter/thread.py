"""The main courante as pages show it, and an intervention's steps in the same thread. One query each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from callcenter.logbook import Subject
from callcenter.models import LogEntry
from interventions.models import EmergencyAlert, Intervention, Status


@dataclass(slots=True, eq=False)
class Line:
    """
    A line of the main courante; a step of the intervention, which has a `to_status` and no `kind`; or a word about an
    expense, the landlord's duty manager, a stay at a hotel or the emergency services, whose `kind` is one of TOLD.
    """

    pk: int
    at: datetime
    by: str | None  # None is the system
    kind: str
    text: str
    strikes: int | None
    to_status: str
    provider: str | None
    suggested: str | None  # another provider than the one chosen
    by_provider: bool
    arrives_at: datetime | None
    corrects: "Line | None" = None
    correction: "Line | None" = None

    @property
    def label(self) -> str:
        if self.to_status:
            return Status(self.to_status).label
        return TOLD.get(self.kind) or LogEntry.Kind(self.kind).label

    @property
    def is_entry(self) -> bool:
        return bool(self.kind) and self.kind not in TOLD


TOLD = {
    "spending_asked": "Accord de dépense demandé",
    "spending_approved": "Dépense acceptée",
    "spending_refused": "Dépense refusée",
    "duty_asked": "Question au cadre d’astreinte",
    "duty_unreached": "Cadre d’astreinte injoignable",
    "duty_decided": "Décision du cadre d’astreinte",
    "stay_asked": "Relogement demandé",
    "stay_approved": "Relogement accordé",
    "stay_confirmed": "Relogement confirmé",
    "stay_refused": "Relogement refusé par l’hôtel",
    "stay_cancelled": "Relogement annulé",
    "stay_over": "Fin du séjour à l’hôtel",
    "emergency": "Secours prévenus",
}


# Written by hand like the board's, for an open sheet asks for them at every second (`callcenter.board`).

LINES = """
    SELECT line.id, line.at,
           CASE WHEN line.by_tenant THEN 'Le locataire'
                WHEN line.by_provider THEN 'Le prestataire'
                WHEN line.kind LIKE 'spending%%' AND line.author_id IS NULL THEN 'Le bailleur'
                WHEN line.kind IN ('stay_confirmed', 'stay_refused') AND line.author_id IS NULL THEN 'L’hôtel'
                ELSE coalesce(nullif(author.full_name, ''), 'compte ' || author.id) END,
           line.kind, line.text, line.strikes_id, line.to_status, provider.name,
           CASE WHEN suggested.id <> provider.id THEN suggested.name END, line.by_provider, line.arrives_at
    FROM ({lines}) AS line
    LEFT JOIN accounts_user AS author ON author.id = line.author_id
    LEFT JOIN interventions_provider AS provider ON provider.id = line.provider_id
    LEFT JOIN interventions_provider AS suggested ON suggested.id = line.suggested_provider_id
    ORDER BY line.at DESC, line.id DESC LIMIT %(newest)s
"""
ENTRIES = """
    SELECT entry.id, entry.at, entry.author_id, entry.kind, entry.text, entry.strikes_id,
           '' AS to_status, NULL::bigint AS provider_id, NULL::bigint AS suggested_provider_id, false AS by_tenant,
           false AS by_provider, NULL::timestamptz AS arrives_at
    FROM callcenter_logentry AS entry
"""
STEPS = """
    SELECT step.id, step.at, step.by_id, '', step.reason, NULL, step.to_status, step.provider_id,
           step.suggested_provider_id, step.by_tenant, step.by_provider, step.arrives_at
    FROM interventions_transition AS step WHERE step.intervention_id = %(intervention)s
"""
AMOUNT = "replace(to_char(amount, 'FM999999990.00'), '.', ',') || '\N{NO-BREAK SPACE}€ HT, ' || what"
ASKED = f"""
    SELECT id, asked_at, asked_by_id, 'spending_asked', {AMOUNT}, NULL, '', NULL, NULL, false, asked_by_id IS NULL, NULL
    FROM interventions_spendingapproval WHERE intervention_id = %(intervention)s
"""
STAYS = """
    SELECT stay.id, event.at, event.by_id, event.kind, hotel.name, NULL, '', NULL, NULL, false, false, NULL
    FROM interventions_relocation AS stay JOIN interventions_hotel AS hotel ON hotel.id = stay.hotel_id,
    LATERAL (VALUES (stay.asked_at, stay.asked_by_id, 'stay_asked'),
                    (stay.approved_at, stay.approved_by_id, 'stay_approved'),
                    (stay.answered_at, NULL, CASE WHEN stay.confirmed THEN 'stay_confirmed' ELSE 'stay_refused' END),
                    (CASE WHEN stay.confirmed IS NOT false THEN stay.ended_at END, stay.cancelled_by_id,
                     CASE WHEN stay.cancelled_by_id IS NULL THEN 'stay_over' ELSE 'stay_cancelled' END)
            ) AS event (at, by_id, kind)
    WHERE stay.intervention_id = %(intervention)s AND event.at IS NOT NULL
"""
RESCUE = """
    SELECT id, at, by_id, 'emergency', {labels}, NULL, '', NULL, NULL, false, false, NULL
    FROM interventions_emergencyalert WHERE intervention_id = %(intervention)s
""".format(
    labels="CASE service {} END".format(
        " ".join(f"WHEN '{value}' THEN '{label}'" for value, label in EmergencyAlert.Service.choices)
    )
)
DECIDED = f"""
    SELECT id, decided_at, noted_by_id, CASE WHEN approved THEN 'spending_approved' ELSE 'spending_refused' END,
           {AMOUNT}, NULL, '', NULL, NULL, false, false, NULL
    FROM interventions_spendingapproval WHERE intervention_id = %(intervention)s AND decided_at IS NOT NULL
"""
DUTY = """
    SELECT id, asked_at, asked_by_id, 'duty_asked', question, NULL, '', NULL, NULL, false, false, NULL
    FROM interventions_dutydecision WHERE intervention_id = %(intervention)s
    UNION ALL
    SELECT decision.id, decided_at, noted_by_id, 'duty_decided',
           CASE answer WHEN 'approved' THEN 'accepte' WHEN 'refused' THEN 'refuse' ELSE 'décide autre chose' END
           || coalesce(' (' || contact.name || ')', '') || coalesce(', ' || nullif(words, ''), ''),
           NULL, '', NULL, NULL, false, false, NULL
    FROM interventions_dutydecision AS decision
    LEFT JOIN interventions_dutycall AS call ON call.decision_id = decision.id AND call.reached
    LEFT JOIN interventions_landlordcontact AS contact ON contact.id = call.contact_id
    WHERE intervention_id = %(intervention)s AND decided_at IS NOT NULL
    UNION ALL
    SELECT call.id, called_at, by_id, 'duty_unreached', coalesce(contact.name, ''), NULL, '', NULL, NULL, false, false,
           NULL
    FROM interventions_dutycall AS call JOIN interventions_dutydecision AS decision ON decision.id = call.decision_id
    LEFT JOIN interventions_landlordcontact AS contact ON contact.id = call.contact_id
    WHERE intervention_id = %(intervention)s AND NOT reached
"""
# A union, for each part has its index: an OR across the join to calls reads every entry.
THREAD = f"""
    {ENTRIES} WHERE entry.intervention_id = %(intervention)s
    UNION ALL {ENTRIES} JOIN callcenter_call AS call ON call.id = entry.call_id
              WHERE call.intervention_id = %(intervention)s
    UNION ALL {ENTRIES} WHERE entry.incident_id = %(incident)s
    UNION ALL {STEPS} UNION ALL {ASKED} UNION ALL {DECIDED} UNION ALL {STAYS} UNION ALL {RESCUE} UNION ALL {DUTY}
"""


def read_lines(subject: Subject, *, newest: int | None = None) -> list[Line]:
    """The lines on `subject`, or only its `newest`, in the order of time."""
    lines = f"{ENTRIES} WHERE entry.{subject._meta.model_name}_id = %(subject)s"
    return read(lines, subject=subject.pk, newest=newest)[::-1]


def read_thread(intervention: Intervention) -> list[Line]:
    """Its steps and all that was written on it, on its calls and on its incident, the newest first."""
    return read(THREAD, intervention=intervention.pk, incident=intervention.incident_id, newest=None)


def read(lines: str, **asked: Any) -> list[Line]:
    """Each line told what corrects it, which is on the same subject."""
    with connection.cursor() as cursor:
        cursor.execute(LINES.format(lines=lines), asked)
        found = [Line(*row) for row in cursor.fetchall()]
    entries = {line.pk: line for line in found if line.is_entry}
    for line in entries.values():
        struck = entries.get(line.strikes or 0)
        if struck is not None:
            line.corrects, struck.correction = struck, line
    return found
