"""All of it, in one transaction: a load that is interrupted leaves nothing behind."""

from collections.abc import Callable
from datetime import datetime
from random import Random

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Person
from callcenter.demo.activity import History
from callcenter.demo.desk import Desk
from callcenter.demo.estate import Estate, create_landlords, create_providers
from callcenter.demo.logins import create_logins, give_to_tenant, staff_of
from callcenter.demo.present import stage_present
from callcenter.demo.settling import Settling
from callcenter.demo.writing import Streams, analyze, reset_sequences
from interventions.models import DialledNumber

MOST_PEOPLE = 1_500_000  # there are no more telephone numbers that ring at nobody's
FEWEST_PEOPLE = 500  # for sixty residences with neighbours to share a lift's failure

Progress = Callable[[int], object]


class NotEmpty(Exception):
    """There are people in the database already."""


@transaction.atomic
def load(
    *,
    people: int,
    months: int,
    seed: int,
    now: datetime,
    settled: Progress = lambda count: None,
    told: Progress = lambda count: None,
) -> None:
    """
    Fill an empty database. `settled` is told how many people came, `told` how many days of calls.

    Raises NotEmpty.
    """
    if Person.objects.exists():
        raise NotEmpty
    with connection.cursor() as cursor:
        # Checked after each COPY: deferred to the end, the checks of a million people would wait in memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    rng = Random(seed)
    since = now - relativedelta(months=months)
    logins = create_logins(now=since)
    staff = staff_of(logins)
    landlords = create_landlords(today=timezone.localdate(now), manager=logins["bailleur"])
    estate = Estate(landlords, list(DialledNumber.objects.order_by("pk")), create_providers())
    streams = Streams()
    desk = Desk(estate, streams, staff, rng, since=since, now=now)
    Settling(desk).settle(people, progress=settled)
    history = History(desk)
    history.tell(interludes=stage_present(history), progress=told)
    streams.send()
    give_to_tenant(logins["locataire"])
    reset_sequences()
    analyze()
