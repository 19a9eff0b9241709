from callcenter.models.calls import Call, Callback
from callcenter.models.logbook import LogEntry, Shift
from callcenter.models.night_reports import NightReport, NightReportLine
from callcenter.models.recordings import Recording, RecordingKey
from callcenter.models.submissions import FormSubmission

__all__ = [
    "Call",
    "Callback",
    "FormSubmission",
    "LogEntry",
    "NightReport",
    "NightReportLine",
    "Recording",
    "RecordingKey",
    "Shift",
]
