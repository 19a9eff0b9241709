from privacy.models.addressees import Addressee
from privacy.models.breaches import Breach, BreachEvent
from privacy.models.codes import OneTimeCode
from privacy.models.consent import ConsentEvent, ConsentWording
from privacy.models.disclosures import Disclosure, RecipientNotice
from privacy.models.erasures import Erasure
from privacy.models.holds import HoldItem, LegalHold, Restriction
from privacy.models.identity import RequesterDocument
from privacy.models.information import ThirdPartyNotice
from privacy.models.journal import JournalBlock, JournalEntry
from privacy.models.ledger import LedgerMark
from privacy.models.navigation import AudienceFigure, ChoiceFigure, CookieChoice, Visit
from privacy.models.objections import Objection, Suppression
from privacy.models.outbox import OutgoingMessage
from privacy.models.packages import ExportPackage, MatchedRecord, RequestCopy, ReviewedText
from privacy.models.policy_versions import PolicyVersion
from privacy.models.post_mortem import Death, PostMortemDirective
from privacy.models.purges import FileRemoval, PurgeApproval, PurgeRun, PurgeTally, Receipt
from privacy.models.rectification import RectificationItem
from privacy.models.requests import Letter, RequestStep, RightsRequest
from privacy.models.reviews import SuggestionReview

__all__ = [
    "Addressee",
    "AudienceFigure",
    "Breach",
    "BreachEvent",
    "ChoiceFigure",
    "ConsentEvent",
    "ConsentWording",
    "CookieChoice",
    "Death",
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
    "PostMortemDirective",
    "PurgeApproval",
    "PurgeRun",
    "PurgeTally",
    "Receipt",
    "RecipientNotice",
    "RectificationItem",
    "RequestCopy",
    "RequestStep",
    "RequesterDocument",
    "Restriction",
    "ReviewedText",
    "RightsRequest",
    "SuggestionReview",
    "Suppression",
    "ThirdPartyNotice",
    "Visit",
]
