from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.ledger import LedgerError, stores
from privacy.ledger.replaying import replay

WORDS = {
    "erasure": "effacements",
    "text": "textes effacés",
    "withdrawal": "accords retirés",
    "restriction": "limitations",
    "lifting": "limitations levées",
    "objection": "oppositions",
    "closing": "fermetures de compte",
}


class Command(BaseCommand):
    help = (
        "Après une restauration, refait ce que la base a oublié et que le journal des effacements sait : effacements, "
        "retraits d’accord, limitations, oppositions, fermetures de compte. Le site répond 503 jusque-là. À blanc par "
        "défaut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FICHIER", help="le journal ; sinon, celui de la configuration"
        )
        parser.add_argument("--commit", action="store_true", help="refaire pour de bon")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            lines = path.read_text(errors="replace").splitlines() if path else list(stores.store().lines())
            result = replay(lines, commit=options["commit"])
        except OSError as error:
            raise CommandError(f"{path} : {error.strerror}") from error
        except LedgerError as error:
            raise CommandError(str(error)) from error
        for kind in sorted({*result.repeated, *result.absent}):
            absent = f", {result.absent[kind]} sans objet" if result.absent[kind] else ""
            self.stdout.write(f"{WORDS.get(kind, kind)} : {result.repeated[kind]} refaits{absent}".capitalize())
        if not result.repeated and not result.absent:
            self.stdout.write("La base sait déjà tout ce que le journal sait.")
        elif not options["commit"]:
            self.stdout.write("À blanc : rien n’a changé. --commit pour refaire.")
