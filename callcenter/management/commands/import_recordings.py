from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from callcenter.intake import Fate, take_in
from privacy.locks import alone


class Command(BaseCommand):
    help = (
        "Prend les enregistrements qu’un standard dépose dans un dossier, un fichier par appel, nommé d’après le "
        "numéro de l’appel. Ce qui est enregistré ou refusé est retiré du dossier ; un fichier de moins d’une minute "
        "attend le prochain passage."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DOSSIER", type=Path)

    def handle(self, *, folder: Path, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError("Ce dossier n’existe pas.")
        with alone("import_recordings") as nobody_else:
            if not nobody_else:
                self.stdout.write("Un autre import est en cours. Rien n’a été fait.")
                return
            fates: Counter[Fate] = Counter()
            for number, intake in enumerate(take_in(folder, now=timezone.now()), start=1):
                fates[intake.fate] += 1
                what = f"Appel {intake.call.pk}" if intake.call else f"Fichier {number}"
                why = f", {intake.why[0].lower()}{intake.why[1:].rstrip('.')}" if intake.why else ""
                self.stdout.write(f"{what}\N{NO-BREAK SPACE}: {intake.fate.value}{why}.")
        self.stdout.write(
            f"{fates[Fate.STORED]} enregistré(s), {fates[Fate.REFUSED]} refusé(s), {fates[Fate.LEFT]} laissé(s)."
        )
