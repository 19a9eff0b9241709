from privacy.models.codes import OneTimeCode
from privacy.models.consent import ConsentEvent, ConsentWording
from privacy.models.holds import HoldItem, LegalHold, Restriction, RightsRequest
from privacy.models.journal import JournalBlock, JournalEntry
from privacy.models.navigation import AudienceFigure, ChoiceFigure, CookieChoice, Visit
from privacy.models.outbox import OutgoingMessage
from privacy.models.policy_versions import PolicyVersion
from privacy.models.purges import FileRemoval, PurgeApproval, PurgeRun, PurgeTally, Receipt

__all__ = [
    "AudienceFigure",
    "ChoiceFigure",
    "ConsentEvent",
    "ConsentWording",
    "CookieChoice",
    "FileRemoval",
    "HoldItem",
    "JournalBlock",
    "JournalEntry",
    "LegalHold",
    "OneTimeCode",
    "OutgoingMessage",
    "PolicyVersion",
    "PurgeApproval",
    "PurgeRun",
    "PurgeTally",
    "Receipt",
    "Restriction",
    "RightsRequest",
    "Visit",
]
