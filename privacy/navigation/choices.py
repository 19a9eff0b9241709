from datetime import datetime, time
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from privacy.consent import published
from privacy.models import ConsentWording, CookieChoice
from privacy.policy import CHOICE_ASKED_AGAIN, ROWS_BY_KEY
from privacy.retention.due import PARIS, due_on
from privacy.wordings import Wording

COOKIE = "cookie_choice"
PERIOD = ROWS_BY_KEY["navigation"].period

# What is asked, word for word: each answer keeps the words that it answered to.
QUESTION = _(
    "Pouvons-nous compter les pages que vous consultez, pour améliorer ce site ? Sans cookie de mesure, sans votre "
    "nom, et sans rien transmettre à personne. Refuser ne change rien à nos services."
)


@transaction.atomic
def choose(key: UUID | None, *, audience: bool, now: datetime) -> CookieChoice:
    """
    Note the answer of a browser that holds `key`, or holds nothing yet.

    A key that we know goes on with its first deposit, which never moves. One that we do not know, or whose thirteen
    months are over, is replaced.
    """
    known = last_answer(key)
    if known is None or proof_ends_at(known) <= now:
        key, first_deposit_at = uuid4(), now
    else:
        key, first_deposit_at = known.key, known.first_deposit_at
    return CookieChoice.objects.create(
        key=key, first_deposit_at=first_deposit_at, chosen_at=now, audience=audience, wording=question_asked()
    )


def choice_of(key: UUID | None, *, now: datetime) -> CookieChoice | None:
    """The answer in force. None where there is none yet, or where it is time to ask again."""
    choice = last_answer(key)
    return choice if choice is not None and now < ends_at(choice) else None


def last_answer(key: UUID | None) -> CookieChoice | None:
    return CookieChoice.objects.filter(key=key).order_by("-chosen_at", "-pk").first() if key else None


def ends_at(choice: CookieChoice) -> datetime:
    """When it is asked again: six months after the answer, and thirteen after the first deposit at the latest."""
    asked_again_on = due_on(choice.chosen_at, CHOICE_ASKED_AGAIN)
    return min(datetime.combine(asked_again_on, time(), PARIS), proof_ends_at(choice))


def proof_ends_at(choice: CookieChoice) -> datetime:
    return datetime.combine(due_on(choice.first_deposit_at, PERIOD), time(), PARIS)


def question_asked() -> ConsentWording:
    """As it reads in the language of the page. Words that change are another version by themselves."""
    asked = Wording("cookies", "", str(QUESTION))
    return published(Wording("cookies", f"{get_language()}-{asked.sha256[:12]}", asked.text))


# The cookie -----------------------------------------------------------------------------------------------------------


def key_of(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.COOKIES[COOKIE])
    except (KeyError, ValueError):
        return None


def remember(choice: CookieChoice, response: HttpResponse, *, now: datetime) -> None:
    """In the browser, for as long as the choice is in force: visits never extend it."""
    response.set_cookie(
        COOKIE,
        str(choice.key),
        max_age=ends_at(choice) - now,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
