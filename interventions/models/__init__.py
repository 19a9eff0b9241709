from interventions.models.accounting_exports import AccountingExport
from interventions.models.alerts import SafetyAlert
from interventions.models.attestations import DeletionAttestation
from interventions.models.complaints import Complaint, ComplaintMessage
from interventions.models.duty import DutyCall, DutyDecision, DutyShift
from interventions.models.emergencies import EmergencyAlert
from interventions.models.estate import (
    AccessCode,
    DialledNumber,
    Dwelling,
    Equipment,
    Landlord,
    LandlordContact,
    Residence,
    Tenancy,
)
from interventions.models.estimates import Estimate, EstimateLine
from interventions.models.figures import AnnualReport, MonthlyBreakdown, MonthlyFigure
from interventions.models.hotels import Hotel, Relocation
from interventions.models.incidents import Incident
from interventions.models.instructions import Instruction
from interventions.models.interfaces import ApiToken, Webhook, WebhookDelivery
from interventions.models.interventions import Appointment, Availability, Escalation, Intervention, Status, Transition
from interventions.models.invoices import (
    ArchiveOpening,
    DraftLine,
    FinancialYear,
    Invoice,
    InvoiceDocument,
    InvoiceDraft,
    InvoiceLine,
)
from interventions.models.messages import TenantMessage
from interventions.models.payments import InvoiceReminder, OnlinePayment, Payment, ReminderRule
from interventions.models.personal_links import PersonalLink
from interventions.models.photos import Photo, Signature
from interventions.models.provider_links import ProviderLink
from interventions.models.providers import Provider
from interventions.models.reports import ReportDraft
from interventions.models.rota import DispatchRule, OnCallFeed, OnCallShift
from interventions.models.spending import SpendingApproval
from interventions.models.subscriptions import IdentityDocument, Subscription
from interventions.models.surveys import SurveyAnswer

__all__ = [
    "AccessCode",
    "AccountingExport",
    "AnnualReport",
    "ApiToken",
    "Appointment",
    "ArchiveOpening",
    "Availability",
    "Complaint",
    "ComplaintMessage",
    "DeletionAttestation",
    "DialledNumber",
    "DispatchRule",
    "DraftLine",
    "DutyCall",
    "DutyDecision",
    "DutyShift",
    "Dwelling",
    "EmergencyAlert",
    "Equipment",
    "Escalation",
    "Estimate",
    "EstimateLine",
    "FinancialYear",
    "Hotel",
    "IdentityDocument",
    "Incident",
    "Instruction",
    "Intervention",
    "Invoice",
    "InvoiceDocument",
    "InvoiceDraft",
    "InvoiceLine",
    "InvoiceReminder",
    "Landlord",
    "LandlordContact",
    "MonthlyBreakdown",
    "MonthlyFigure",
    "OnCallFeed",
    "OnCallShift",
    "OnlinePayment",
    "Payment",
    "PersonalLink",
    "Photo",
    "Provider",
    "ProviderLink",
    "Relocation",
    "ReminderRule",
    "ReportDraft",
    "Residence",
    "SafetyAlert",
    "Signature",
    "SpendingApproval",
    "Status",
    "Subscription",
    "SurveyAnswer",
    "Tenancy",
    "TenantMessage",
    "Transition",
    "Webhook",
    "WebhookDelivery",
]
