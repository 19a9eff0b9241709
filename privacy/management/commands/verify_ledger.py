from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.ledger import LedgerError, stores
from privacy.ledger.chain import broken_links, entries, unknown_to
from privacy.ledger.marks import known


class Command(BaseCommand):
    help = "Vérifie le journal des effacements : modifiée, retirée, insérée ou déplacée, une entrée se voit."

    def handle(self, *args: Any, **options: Any) -> None:
        lines = list(stores.store().lines())
        found = entries(lines)
        try:
            wrong = [*broken_links(lines), *filter(None, [unknown_to(known(), found)])]
        except LedgerError as error:
            raise CommandError(str(error)) from error
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{len(found)} entrées, chaîne intacte.")
