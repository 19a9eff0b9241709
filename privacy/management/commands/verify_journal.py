from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from privacy.journal import broken_seals
from privacy.models import JournalBlock


class Command(BaseCommand):
    help = "Vérifie le journal du personnel : modifiée, retirée, insérée ou déplacée, une entrée scellée se voit."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = list(broken_seals(now=timezone.now()))
        if wrong:
            raise CommandError("\n".join(wrong))
        self.stdout.write(f"{JournalBlock.objects.count()} blocs, chaîne intacte.")
