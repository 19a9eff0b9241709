from privacy.models.codes import OneTimeCode
from privacy.models.consent import ConsentEvent, ConsentWording
from privacy.models.erasures import Erasure
from privacy.models.holds import HoldItem, LegalHold, Restriction
from privacy.models.journal import JournalBlock, JournalEntry
from privacy.models.ledger import LedgerMark
from privacy.models.navigation import AudienceFigure, ChoiceFigure, CookieChoice, Visit
from privacy.models.outbox import OutgoingMessage
from privacy.models.packages import ExportPackage, MatchedRecord, RequestCopy, ReviewedText
from privacy.models.policy_versions import PolicyVersion
from privacy.models.purges import FileRemoval, PurgeApproval, PurgeRun, PurgeTally, Receipt
from privacy.models.requests import Letter, RequestStep, RightsRequest

__all__ = [
    "AudienceFigure",
    "ChoiceFigure",
    "ConsentEvent",
    "ConsentWording",
    "CookieChoice",
    "Erasure",
    "ExportPackage",
    "FileRemoval",
    "HoldItem",
    "JournalBlock",
    "JournalEntry",
    "LedgerMark",
    "LegalHold",
    "Letter",
    "MatchedRecord",
    "OneTimeCode",
    "OutgoingMessage",
    "PolicyVersion",
    "PurgeApproval",
    "PurgeRun",
    "PurgeTally",
    "Receipt",
    "RequestCopy",
    "RequestStep",
    "Restriction",
    "ReviewedText",
    "RightsRequest",
    "Visit",
]
