from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.models import Receipt
from privacy.retention.receipts import broken_links


class Command(BaseCommand):
    help = "Vérifie la chaîne des reçus de purge : modifié, retiré, inséré ou déplacé, cela se voit."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = broken_links()
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{Receipt.objects.count()} reçus, chaîne intacte.")
