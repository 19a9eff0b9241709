from privacy.models.holds import HoldItem, LegalHold, Restriction, RightsRequest
from privacy.models.journal import JournalEntry
from privacy.models.purges import FileRemoval, PurgeApproval, PurgeRun, PurgeTally, Receipt

__all__ = [
    "FileRemoval",
    "HoldItem",
    "JournalEntry",
    "LegalHold",
    "PurgeApproval",
    "PurgeRun",
    "PurgeTally",
    "Receipt",
    "Restriction",
    "RightsRequest",
]
