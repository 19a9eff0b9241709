from privacy.models.addressees import Addressee
from privacy.models.codes import OneTimeCode
from privacy.models.consent import ConsentEvent, ConsentWording
from privacy.models.disclosures import Disclosure, RecipientNotice
from privacy.models.erasures import Erasure
from privacy.models.holds import HoldItem, LegalHold, Restriction
from privacy.models.information import ThirdPartyNotice
from privacy.models.journal import JournalBlock, JournalEntry
from privacy.models.ledger import LedgerMark
from privacy.models.navigation import AudienceFigure, ChoiceFigure, CookieChoice, Visit
from privacy.models.objections import Objection, Suppression
from privacy.models.outbox import OutgoingMessage
from privacy.models.packages import ExportPackage, MatchedRecord, RequestCopy, ReviewedText
from privacy.models.policy_versions import PolicyVersion
from privacy.models.purges import FileRemoval, PurgeApproval, PurgeRun, PurgeTally, Receipt
from privacy.models.requests import Letter, RequestStep, RightsRequest

__all__ = [
    "Addressee",
    "AudienceFigure",
    "ChoiceFigure",
    "ConsentEvent",
    "ConsentWording",
    "CookieChoice",
    "Disclosure",
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
    "Objection",
    "OneTimeCode",
    "OutgoingMessage",
    "PolicyVersion",
    "PurgeApproval",
    "PurgeRun",
    "PurgeTally",
    "Receipt",
    "RecipientNotice",
    "RequestCopy",
    "RequestStep",
    "Restriction",
    "ReviewedText",
    "RightsRequest",
    "Suppression",
    "ThirdPartyNotice",
    "Visit",
]
