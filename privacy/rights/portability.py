"""The right to portability (GDPR article 20): what the person provided, for another service to read."""

from datetime import datetime

from privacy.models import RightsRequest
from privacy.rights import access
from privacy.rights.access import Plan
from privacy.rights.portable import portables


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    """As for access, without what is not portable."""
    whole = access.plan(request, now=now)
    names = {portable.dataset.name for portable in portables()}
    kept = [holding for holding in whole.holdings if holding.dataset.name in names]
    return Plan(kept, whole.other_records, whole.package, whole.addresses)


execute = access.execute  # the package is made of what is portable alone; it is handed out the same way
