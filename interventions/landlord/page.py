from django.http import Http404

from accounts.access import SignedInRequest, roles_only
from accounts.roles import Role
from interventions.models import Landlord

landlords_only = roles_only(Role.LANDLORD_MANAGER)


def chosen_landlord(request: SignedInRequest) -> Landlord | None:
    """The one asked for in the address, else the manager's first, None for who has none yet. Another's is not there."""
    theirs = Landlord.objects.visible_to(request.user)
    asked = request.GET.get("bailleur", "")
    if not asked:
        return theirs.first()
    landlord = theirs.filter(pk=int(asked)).first() if asked.isascii() and asked.isdigit() else None
    if landlord is None:
        raise Http404
    return landlord
