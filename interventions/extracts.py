"""What each kind of recipient is given of an intervention, field by field (sections 4 and 5 of the policy)."""

from datetime import datetime

from accounts.models import Person, Phone
from interventions.models import EmergencyAlert, Intervention, Relocation, Residence
from interventions.problems import Priority
from privacy.disclosure import Extract, Read, declare

JOB = "job"  # what a provider needs to go there
BEFORE_ACCEPTING = ("reference", "address", "place", "access_codes", "problem", "due")  # then the number to call back
ONCE_DONE = ("reference", "problem")  # there is no need to get in any more
DUTY = "duty"  # what its duty manager needs to decide beyond the instructions
SPENDING = "spending"  # what a landlord needs to decide about an expense
# What a landlord's manager follows, and who it is for: with that person's consent, or where the follow-up needs it.
LANDLORD_STATUS, LANDLORD_IDENTITY, LANDLORD_FOLLOW_UP = "landlord_status", "landlord_identity", "landlord_follow_up"

EMERGENCY = "emergency"  # what is read out to firefighters, the police or the SAMU
HOTEL = "hotel"  # a night away from home
BEFORE_CONFIRMING = ("reference", "guests", "nights", "needs")  # then for whom, and the number to call back


def people(intervention: Intervention) -> list[Person | None]:
    return [intervention.occupant, intervention.reported_by]


def may_save_a_life(intervention: Intervention) -> bool:
    return intervention.priority == Priority.EMERGENCY


def access_codes(intervention: Intervention) -> list[tuple[str, str]]:
    return codes_of(intervention.residence)


def codes_of(residence: Residence) -> list[tuple[str, str]]:
    return [(access.label, str(access.code)) for access in residence.access_codes.order_by("label")]


def people_in_danger(alert: EmergencyAlert) -> list[Person | None]:
    return people(alert.intervention) if alert.intervention else [alert.person]


def guests(stay: Relocation) -> list[Person | None]:
    return people(stay.intervention)


def correspondent(intervention: Intervention) -> list[Person | None]:
    return [intervention.correspondent]


def times(intervention: Intervention) -> list[tuple[str, datetime]]:
    """Its steps, without who took them or why."""
    return [(step.get_to_status_display(), step.at) for step in intervention.transitions.all()]


def name(intervention: Intervention) -> str:
    person = intervention.correspondent
    return person.full_name if person else ""


def phones(intervention: Intervention) -> list[str]:
    """Their own: a relative's number is the relative's."""
    person = intervention.correspondent
    return [phone.number for phone in person.phones.all() if phone.kind != Phone.Kind.RELATIVE] if person else []


OF_AN_INTERVENTION: dict[str, Read] = {
    "reference": lambda intervention: intervention.reference,
    "address": lambda intervention: intervention.residence,
    "place": lambda intervention: intervention.place,
    "access_codes": access_codes,
    "problem": lambda intervention: intervention.problem.label,
    "due": lambda intervention: intervention.on_site_by,
    "callback": lambda intervention: intervention.contact_number,
    "status": lambda intervention: intervention.get_status_display(),
    "times": times,
}
FOLLOWED = ("reference", "address", "place", "problem", "due", "status", "times")

READ_OUT: dict[str, Read] = {  # in the order that those who take the call ask for
    "address": lambda alert: alert.residence,
    "place": lambda alert: alert.place,
    "access_codes": lambda alert: codes_of(alert.residence) if alert.residence else [],
    "danger": lambda alert: alert.get_danger_display(),
    "callback": lambda alert: alert.intervention.contact_number if alert.intervention else alert.number,
}
OF_A_STAY: dict[str, Read] = {
    "reference": lambda stay: stay.intervention.reference,
    "guests": lambda stay: stay.guests,
    "nights": lambda stay: (stay.from_on, stay.until_on),
    "needs": lambda stay: stay.need_labels,
    "name": lambda stay: name(stay.intervention),
    "callback": lambda stay: stay.intervention.contact_number,
}
WHO: dict[str, Read] = {"name": name, "phones": phones}

declare(
    Extract(
        JOB,
        kind="trades",
        purpose="providers",
        fields={name: OF_AN_INTERVENTION[name] for name in (*BEFORE_ACCEPTING, "callback")},
        people=people,
        despite_restriction=may_save_a_life,
    ),
    Extract(
        SPENDING,
        kind="landlords",
        purpose="interventions",
        fields={name: OF_AN_INTERVENTION[name] for name in ("reference", "address", "problem")},
        people=people,
        despite_restriction=may_save_a_life,
    ),
    Extract(
        DUTY,
        kind="landlords",
        purpose="interventions",
        fields={
            name: OF_AN_INTERVENTION[name] for name in ("reference", "address", "place", "problem", "due", "status")
        },
        people=people,
        despite_restriction=may_save_a_life,
    ),
    Extract(
        LANDLORD_STATUS,
        kind="landlords",
        purpose="interventions",
        fields={name: OF_AN_INTERVENTION[name] for name in FOLLOWED},
        people=people,
        despite_restriction=may_save_a_life,
        ended_at=lambda intervention: intervention.closed_at,
    ),
    Extract(
        LANDLORD_IDENTITY,
        kind="landlords",
        purpose="handing_identity",
        fields=WHO,
        people=correspondent,
        needs_consent="handing_identity",
        ended_at=lambda intervention: intervention.closed_at,
    ),
    Extract(
        LANDLORD_FOLLOW_UP,
        kind="landlords",
        purpose="interventions",
        fields=WHO,
        people=correspondent,
        ended_at=lambda intervention: intervention.closed_at,
    ),
    Extract(
        EMERGENCY,
        kind="emergency",
        purpose="emergency",
        fields=READ_OUT,
        people=people_in_danger,
        ended_at=lambda alert: alert.at,
    ),
    Extract(
        HOTEL,
        kind="hotels",
        purpose="interventions",
        fields=OF_A_STAY,
        people=guests,
        despite_restriction=lambda stay: may_save_a_life(stay.intervention),
        ended_at=lambda stay: stay.ended_at,
    ),
)
