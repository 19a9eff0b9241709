"""Who may be sent the copy that a request asks for: the person or, after their death, who asks in their place."""

from django.core.exceptions import ValidationError

from privacy.addresses import addresses_of
from privacy.models import PostMortemDirective, RightsRequest
from privacy.outbox.sending import channel_of

AfterDeath = RightsRequest.AfterDeath


def readers_of(request: RightsRequest) -> list[str]:
    """Their e-mail addresses and mobiles: where a link and a code can be sent."""
    if request.person is None:
        return []
    if request.right != RightsRequest.Right.POST_MORTEM:
        return addresses_of(request.person)
    contacts = [request.reply_to]
    if request.after_death == AfterDeath.DIRECTIVE:  # nobody but the one who was named in it
        versions = PostMortemDirective.objects.filter(person=request.person.pk)
        contacts = [version.executor_contact for version in versions.order_by("-written_at", "-pk")[:1]]
    return [contact for contact in contacts if is_address(contact)]


def is_address(contact: str) -> bool:
    try:
        channel_of(contact)
    except ValidationError:
        return False
    return True


def is_for_portability(request: RightsRequest) -> bool:
    """What the person provided, for another service to read, rather than everything in words."""
    return request.right == RightsRequest.Right.PORTABILITY or request.after_death == AfterDeath.GOODS
