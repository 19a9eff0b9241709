from interventions.models.alerts import SafetyAlert
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
from interventions.models.incidents import Incident
from interventions.models.instructions import Instruction
from interventions.models.interventions import Appointment, Escalation, Intervention, Status, Transition
from interventions.models.providers import Provider

__all__ = [
    "AccessCode",
    "Appointment",
    "DialledNumber",
    "Dwelling",
    "Equipment",
    "Escalation",
    "Incident",
    "Instruction",
    "Intervention",
    "Landlord",
    "LandlordContact",
    "Provider",
    "Residence",
    "SafetyAlert",
    "Status",
    "Tenancy",
    "Transition",
]
