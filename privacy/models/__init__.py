from privacy.models.holds import HoldItem, LegalHold, Restriction, RightsRequest
from privacy.models.journal import JournalEntry
from privacy.models.navigation import CookieChoice, Visit
from privacy.models.purges import FileRemoval, PurgeApproval, PurgeRun, PurgeTally, Receipt

__all__ = [
    "CookieChoice",
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
    "Visit",
]
