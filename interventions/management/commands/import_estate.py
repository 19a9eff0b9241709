from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.utils import timezone
from tqdm import tqdm

from interventions.estate_import.importing import import_estate
from interventions.estate_import.planning import Outcome
from interventions.estate_import.reading import EstateFile, UnusableFile
from interventions.estate_import.wording import sentence, summary_sentences
from interventions.models import Landlord


class Command(BaseCommand):
    help = (
        "Importe le patrimoine et les locataires d’un bailleur depuis un fichier CSV, une ligne par location. "
        "Sans --commit, dit ce qui serait fait et n’enregistre rien."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("landlord", metavar="BAILLEUR", help="code ou nom du bailleur")
        parser.add_argument("file", metavar="FICHIER.csv", type=Path)
        parser.add_argument("--commit", action="store_true", help="enregistrer")

    def handle(self, *args: Any, landlord: str, file: Path, commit: bool, **options: Any) -> None:
        found = Landlord.objects.filter(Q(code=landlord) | Q(name__iexact=landlord)).first()
        if found is None:
            raise CommandError(f"Bailleur inconnu\u00a0: {landlord}.")
        try:
            with (
                EstateFile(file) as estate,
                tqdm(total=file.stat().st_size, unit="o", unit_scale=True, mininterval=0.5) as bar,
            ):
                if estate.layout.ignored:
                    self._say([f"Colonnes ignorées\u00a0: {', '.join(estate.layout.ignored)}."])

                def tell(outcomes: list[Outcome]) -> None:
                    self._say(filter(None, map(sentence, outcomes)))
                    bar.update(estate.position - bar.n)

                summary = import_estate(found, estate, commit=commit, now=timezone.now(), tell=tell)
        except UnusableFile as error:
            raise CommandError(str(error)) from error
        self._say(summary_sentences(summary, commit=commit))

    def _say(self, sentences: Iterable[str]) -> None:
        with tqdm.external_write_mode():
            for sentence in sentences:
                self.stdout.write(sentence)
