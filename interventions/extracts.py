"""What each kind of recipient is given of an intervention, field by field (sections 4 and 5 of the policy)."""

from accounts.models import Person
from interventions.models import Intervention
from interventions.problems import Priority
from privacy.disclosure import Extract, Read, declare

JOB = "job"  # what a provider needs to go there
BEFORE_ACCEPTING = ("reference", "address", "place", "access_codes", "problem", "due")  # then the number to call back
ONCE_DONE = ("reference", "problem")  # there is no need to get in any more
SPENDING = "spending"  # what a landlord needs to decide about an expense


def people(intervention: Intervention) -> list[Person | None]:
    return [intervention.occupant, intervention.reported_by]


def may_save_a_life(intervention: Intervention) -> bool:
    return intervention.priority == Priority.EMERGENCY


def access_codes(intervention: Intervention) -> list[tuple[str, str]]:
    return [(access.label, str(access.code)) for access in intervention.residence.access_codes.order_by("label")]


OF_AN_INTERVENTION: dict[str, Read] = {
    "reference": lambda intervention: intervention.reference,
    "address": lambda intervention: intervention.residence,
    "place": lambda intervention: intervention.place,
    "access_codes": access_codes,
    "problem": lambda intervention: intervention.problem.label,
    "due": lambda intervention: intervention.on_site_by,
    "callback": lambda intervention: intervention.contact_number,
}

declare(
    Extract(
        JOB,
        kind="trades",
        purpose="providers",
        fields=OF_AN_INTERVENTION,
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
)
