"""All of it, in one transaction: a load that is interrupted leaves nothing behind."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from random import Random

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction
from django.utils import timezone
from tqdm import tqdm

from accounts.models import Person
from callcenter.demo.activity import History
from callcenter.demo.bills import prepare_bills
from callcenter.demo.desk import Desk
from callcenter.demo.estate import Estate, create_landlords, create_providers
from callcenter.demo.exchanges import write_exchanges
from callcenter.demo.logins import create_logins, give_to_tenant, staff_of
from callcenter.demo.mornings import create_duty, decide_tonight, write_mornings
from callcenter.demo.on_call import create_on_call
from callcenter.demo.paperwork import write_paperwork
from callcenter.demo.present import stage_present
from callcenter.demo.rights import ask_for_rights, suspect_a_breach
from callcenter.demo.serious import tell_the_serious
from callcenter.demo.settling import Settling
from callcenter.demo.writing import Streams, analyze, indexes_made_at_once, reset_sequences
from interventions.models import DialledNumber
from privacy import ledger
from privacy.navigation.figures import count_audience

MOST_PEOPLE = 1_500_000  # there are no more telephone numbers that ring at nobody's
MANY_PEOPLE = 50_000
FEWEST_PEOPLE = 500  # for sixty residences with neighbours to share a lift's failure

Bar = Callable[..., tqdm]
NO_BAR: Bar = partial(tqdm, disable=True)


class NotEmpty(Exception):
    """There are people in the database already."""


@transaction.atomic
def load(
    *,
    people: int,
    months: int,
    seed: int,
    now: datetime,
    bar: Bar = NO_BAR,
) -> None:
    """Fill an empty database. Raises NotEmpty when there are people in it."""
    if Person.objects.exists():
        raise NotEmpty
    with connection.cursor() as cursor:
        # Checked after each COPY: deferred to the end, the checks of a million people would wait in memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    reset_sequences()
    ledger.start_afresh()
    rng = Random(seed)
    since = now - relativedelta(months=months)
    logins = create_logins(now=since)
    staff = staff_of(logins)
    landlords = create_landlords(today=timezone.localdate(now), manager=logins["bailleur"])
    providers = create_providers(checked_by=logins["dpo"], today=timezone.localdate(now))
    create_on_call(landlords, by=logins["superviseur"], now=now)
    create_duty(landlords, now=now)
    estate = Estate(landlords, list(DialledNumber.objects.order_by("pk")), providers)
    streams = Streams()
    desk = Desk(estate, streams, staff, rng, since=since, now=now)
    history = History(desk)
    with indexes_made_at_once() if people >= MANY_PEOPLE else nullcontext():
        with bar(total=people, desc="Personnes") as settled:
            Settling(desk).settle(people, progress=settled.update)
        with bar(total=(now - since).days, desc="Jours d’appels") as told:
            history.tell(interludes=stage_present(history), progress=told.update)
        streams.send()
        write_paperwork(desk, rng=Random(f"{seed} paperwork"), tenant=history.tenant.person if history.tenant else None)
        streams.send()
        count_audience()
    reset_sequences()
    if history.tenant is not None:
        tenant = Person.objects.get(pk=history.tenant.person)
        give_to_tenant(logins["locataire"], tenant)
        write_exchanges(tenant, agent=logins["agent"], supervisor=logins["superviseur"], now=now)
        prepare_bills(tenant, landlords[0], by=logins["compta"], now=now)
        ask_for_rights(but=tenant, by=logins["dpo"], now=now)
        tell_the_serious(agent=logins["agent"], supervisor=logins["superviseur"], now=now)
    suspect_a_breach(by=logins["agent"], now=now)
    decide_tonight(landlords[0], by=logins["agent"], now=now)
    write_mornings(landlords[0], manager=logins["bailleur"], now=now)
    analyze()
