from django.conf import settings
from django.http import HttpRequest, HttpResponse

from privacy.ledger import Guard
from sofratel.errors import unavailable
from sofratel.middleware import GetResponse


class ReplayedFirst:
    """
    A database restored from a backup holds what was erased since: nothing is served before the journal of erasures
    was replayed. Our files say nothing of anybody, and /sante/ says what is the matter.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.guard = Guard()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        open_to_all = request.path == "/sante/" or request.path.startswith(settings.STATIC_URL)
        if not open_to_all and self.guard.is_closed():
            return unavailable(request)
        return self.get_response(request)
