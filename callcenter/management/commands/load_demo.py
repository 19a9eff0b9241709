from argparse import ArgumentParser
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from tqdm import tqdm

from callcenter.demo.loading import FEWEST_PEOPLE, MOST_PEOPLE, NotEmpty, load
from callcenter.demo.logins import DOMAIN, LOGINS, PASSWORD
from callcenter.demo.sounds import record_sounds


class Command(BaseCommand):
    help = (
        "Fills an empty demonstration database with invented people, places, calls and interventions around Cambrai, "
        "Douai and Valenciennes. The same seed, sizes and moment give the same data."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--people", type=int, default=2000, help="how many people (2000)")
        parser.add_argument("--months", type=int, default=15, help="how many months of calls (15)")
        parser.add_argument("--seed", type=int, default=59, help="another seed, other people (59)")
        parser.add_argument("--until", help="the moment that counts as the present, ISO 8601 (this hour)")

    def handle(self, *, people: int, months: int, seed: int, until: str | None, **options: Any) -> None:
        if settings.MODE not in ("demo", "test"):
            raise CommandError("Les données de démonstration ne se chargent qu’en mode démonstration.")
        if not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
            raise CommandError(f"--people doit être entre {FEWEST_PEOPLE} et {MOST_PEOPLE}.")
        if not 1 <= months <= 120:
            raise CommandError("--months doit être entre 1 et 120.")
        now = moment(until)
        bar = partial(tqdm, unit="", disable=options["verbosity"] == 0)
        try:
            load(people=people, months=months, seed=seed, now=now, bar=bar)
        except NotEmpty:
            raise CommandError(
                "La base contient déjà des personnes : rien n’a été chargé. "
                "Pour repartir de zéro, arrêtez l’application et supprimez le dossier var/."
            ) from None
        record_sounds(now=now)
        self.stderr.write(f"Comptes de démonstration, mot de passe {PASSWORD} :")
        for name, role, _ in LOGINS:
            self.stderr.write(f"  {name}@{DOMAIN} ({role.label.lower()})")


def moment(until: str | None) -> datetime:
    if until is None:
        return timezone.now().replace(minute=0, second=0, microsecond=0)
    try:
        found = parse_datetime(until)
    except ValueError:
        found = None
    if found is None:
        raise CommandError("--until attend une date et une heure, par exemple 2026-03-01T22:00+01:00.")
    return timezone.make_aware(found) if timezone.is_naive(found) else found
