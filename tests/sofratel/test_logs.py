"""Whatever goes wrong, nobody's data gets into the log."""

import json
import logging

import pytest
from celery import Celery
from django.db import DatabaseError, connection, transaction

from accounts.models import Phone, User
from sofratel.logs import Line
from tests.factories import PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
CANARY = "Xylandrine"


@pytest.fixture
def logged(caplog):
    """What the site’s own handler writes of the records so far."""
    (handler,) = [each for each in logging.getLogger().handlers if isinstance(each.formatter, Line)]
    return lambda: [handler.format(record) for record in caplog.records]


def twice_the_same_address():
    user = UserFactory(email=f"{CANARY.lower()}@exemple.example")
    User.objects.create(email=user.email, full_name=CANARY)


def a_row_with_lines():
    Phone.objects.create(person=PersonFactory(), number=f"{CANARY}\n\n06")


def no_number():
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text::int", [CANARY])


def while_another_was_handled():
    try:
        twice_the_same_address()
    except DatabaseError:
        raise RuntimeError("and then") from None


@pytest.mark.parametrize(
    ("fail", "kept"),
    [
        (twice_the_same_address, "23505 accounts_user_email_key"),
        (a_row_with_lines, "23514 phone_is_e164"),
        (no_number, "22P02"),
        (while_another_was_handled, "and then"),
    ],
)
def test_what_a_database_error_quotes_is_left_out(logged, fail, kept):
    logger = logging.getLogger("sofratel.test")
    with pytest.raises((DatabaseError, RuntimeError)) as raised, transaction.atomic():
        fail()
    chain = [raised.value, raised.value.__cause__ or raised.value.__context__]
    assert CANARY.lower() in "".join(map(str, chain)).lower(), "it is there to leak"
    try:
        raise raised.value
    except Exception:
        logger.exception("failed")
    (line,) = logged()
    assert CANARY.lower() not in line.lower()
    assert kept in line
    assert fail.__name__ in json.loads(line)["exc_info"], "the place is told"


def test_nor_does_a_task_that_failed(logged):
    app = Celery("test", set_as_current=False)

    @app.task
    def fail():
        with transaction.atomic():
            twice_the_same_address()

    fail.apply()
    lines = [line for line in logged() if "celery" in json.loads(line)["name"]]
    assert lines
    assert CANARY.lower() not in "".join(lines).lower()
    assert "23505 accounts_user_email_key" in "".join(lines)
