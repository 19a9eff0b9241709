from typing import Any

from django.http import HttpRequest

from privacy.navigation.choices import QUESTION
from privacy.navigation.visits import is_public


def cookies(request: HttpRequest) -> dict[str, Any]:
    """For the banner. Lazily: most pages of the desk never ask."""

    def asks_about_cookies() -> bool:
        return is_public(request) and not getattr(request, "cookie_choice", None)

    return {"asks_about_cookies": asks_about_cookies, "cookie_question": QUESTION}
