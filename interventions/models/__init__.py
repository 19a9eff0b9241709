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
from interventions.models.figures import AnnualReport, MonthlyBreakdown, MonthlyFigure
from interventions.models.hotels import Hotel, Relocation
from interventions.models.incidents import Incident
from interventions.models.instructions import Instruction
from interventions.models.interfaces import ApiToken, Webhook, WebhookDelivery
from interventions.models.interventions import Appointment, Availability, Escalation, Intervention, Status, Transition
from interventions.models.invoices import FinancialYear, Invoice
from interventions.models.messages import TenantMessage
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
    "AnnualReport",
    "ApiToken",
    "Appointment",
    "Availability",
    "Complaint",
    "ComplaintMessage",
    "DeletionAttestation",
    "DialledNumber",
    "DispatchRule",
    "DutyCall",
    "DutyDecision",
    "DutyShift",
    "Dwelling",
    "EmergencyAlert",
    "Equipment",
    "Escalation",
    "FinancialYear",
    "Hotel",
    "IdentityDocument",
    "Incident",
    "Instruction",
    "Intervention",
    "Invoice",
    "Landlord",
    "LandlordContact",
    "MonthlyBreakdown",
    "MonthlyFigure",
    "OnCallFeed",
    "OnCallShift",
    "PersonalLink",
    "Photo",
    "Provider",
    "ProviderLink",
    "Relocation",
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
