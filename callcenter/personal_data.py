from django.db.models import F, Q

from callcenter import recordings
from callcenter.models import (
    Call,
    Callback,
    FormSubmission,
    LogEntry,
    NightReport,
    NightReportLine,
    Recording,
    RecordingKey,
    Shift,
)
from interventions.models import Status, Transition
from interventions.models.interventions import ENDED
from privacy.declarations import WHOLE_ROW, Category, Data, Dataset, Expiry, NotPersonal
from privacy.policy import Period
from privacy.registry import register

CALLER_AND_CONCERNED = {"appelant": "call__caller", "personne concernée": "call__on_behalf_of"}

register(
    Dataset(
        Call,
        "Appels",
        data=(
            Data(
                Category.CONTACT, "interventions", "from_number to_number caller on_behalf_of relation", provided=True
            ),
            Data(
                Category.HISTORY,
                "history",
                "direction agent intervention started_at answered_at ended_at outcome number_matched joined_duplicate",
            ),
            Data(Category.HISTORY, "history", "external_id", technical=True),
            Data(
                Category.PROOF,
                "rights",
                "notice_version notice_at recording_answer recording_answered_at",
                provided=True,
            ),
            Data(Category.PROOF, "rights", "recording_pauses", technical=True),
        ),
        not_personal=("id", "landlord"),
        subjects={"appelant": "caller", "personne concernée": "on_behalf_of"},
        own={
            "appelant": "from_number to_number relation notice_version notice_at recording_answer "
            "recording_answered_at recording_pauses",
            "personne concernée": "relation",
        },
        follows=("intervention",),
        expires=(
            Expiry(
                "interventions",
                clock="ended_at",
                fallback="started_at",
                where=Q(intervention=None),
                shorter="landlord__retention_months",
            ),
        ),
    ),
    Dataset(
        Callback,
        "Rappels promis",
        data=(Data(Category.HISTORY, "interventions", "call owner promised_at done_at done_by"),),
        not_personal=("id",),
        subjects=CALLER_AND_CONCERNED,
        follows=("call",),
    ),
    Dataset(
        LogEntry,
        "Main courante",
        data=(
            Data(Category.HISTORY, "history", "text justification kind at"),
            Data(Category.HISTORY, "history", "call intervention incident shift author strikes"),
        ),
        not_personal=("id",),
        subjects={
            **CALLER_AND_CONCERNED,
            "occupant": "intervention__occupant",
            "signalant": "intervention__reported_by",
        },
        follows=("call", "intervention", "incident", "strikes"),
        free_text=("justification",),
        opinions=("text",),
        expires=(
            Expiry("interventions", clock="at", where=Q(shift__isnull=False), key="interventions:shift_entries"),
            # Reopening an intervention does not renew what had been written before it closed.
            Expiry(
                "interventions",
                clock="intervention__transitions__at",
                where=Q(
                    intervention__in=Transition.objects.filter(to_status=Status.REOPENED).values("intervention"),
                    intervention__transitions__to_status__in=sorted(ENDED),
                    intervention__transitions__at__gte=F("at"),
                )
                & (Q(intervention__closed_at=None) | Q(intervention__closed_at__gt=F("intervention__transitions__at"))),
                shorter="intervention__landlord__retention_months",
                while_null="l’intervention n’a jamais été close",
                catches_up=True,
                key="interventions:entries_before_reopening",
            ),
        ),
    ),
    Dataset(
        Recording,
        "Enregistrements d’appels",
        data=(
            Data(Category.RECORDING, "recording", "file", provided=True),
            Data(Category.RECORDING, "recording", "call ended_at stored_at content_type"),
            Data(Category.RECORDING, "recording", "size sha256 pauses", technical=True),
        ),
        not_personal=("id",),
        subjects=CALLER_AND_CONCERNED,
        own={"appelant": WHOLE_ROW},  # their voice
        follows=("call",),
        files=("file",),
        reads={"file": recordings.clear_sound},
        reads_with=("key",),
        expires=(
            Expiry("recordings", clock="ended_at", shorter="call__landlord__recording_months"),
            # Refused, withdrawn, or a call to the emergency services: it should not be there at all.
            Expiry(
                "recordings",
                clock="call__started_at",
                period=Period(until="le refus ou le retrait de l’accord"),
                where=~Q(call__recording_answer=Call.RecordingAnswer.ACCEPTED)
                | Q(call__outcome=Call.Outcome.EMERGENCY_SERVICES),
                catches_up=True,
                key="recordings:without_consent",
            ),
        ),
    ),
    Dataset(
        RecordingKey,
        "Clés des enregistrements",
        data=(Data(Category.RECORDING, "recording", "recording wrapped"),),
        not_personal=(),
        subjects={"appelant": "recording__call__caller", "personne concernée": "recording__call__on_behalf_of"},
        own={"appelant": WHOLE_ROW},
        follows=("recording",),
    ),
    Dataset(
        NightReportLine,
        "Lignes des rapports du matin",
        data=(Data(Category.HISTORY, "interventions", "report intervention kind acknowledged_at acknowledged_by"),),
        not_personal=("id",),
        subjects={"occupant": "intervention__occupant", "signalant": "intervention__reported_by"},
        follows=("intervention",),
    ),
    Dataset(
        FormSubmission,
        "Formulaires déjà envoyés",
        data=(Data(Category.CONNECTION, "security", "key user at led_to"),),
        people="personnel",
        not_personal=(),
        expires=(Expiry("temporary", clock="at"),),
    ),
    NotPersonal(Shift, "une vacation du personnel"),
    NotPersonal(NightReport, "des nombres d’appels, d’un matin à l’autre"),
)
