from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from privacy.register import as_csv, as_json, as_markdown, processing_register

FORMATS = {"json": as_json, "csv": as_csv, "md": as_markdown}


class Command(BaseCommand):
    help = "Le registre des activités de traitement (RGPD, article 30), tel que les déclarations le disent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=FORMATS, required=True)
        parser.add_argument("--output", type=Path, help="un fichier, au lieu de la sortie standard")

    def handle(self, *args: Any, **options: Any) -> None:
        text = FORMATS[options["format"]](processing_register())
        if options["output"] is None:
            self.stdout.write(text, ending="")
            return
        try:
            options["output"].write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            raise CommandError(f"{options['output']} : {error.strerror}") from error
