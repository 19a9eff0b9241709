import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from privacy.retention.report import as_json, retention_report


class Command(BaseCommand):
    help = "Pour chaque ligne de la politique : durée, modèles, lignes détenues, la plus ancienne, échues, retenues."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="un seul objet JSON sur la sortie standard")

    def handle(self, *args: Any, **options: Any) -> None:
        reports = retention_report(now=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(as_json(reports), ensure_ascii=False))
            return
        for report in reports:
            oldest = report.oldest.date().isoformat() if report.oldest else "aucune"
            held_back = "".join(f", {blocked.count} retenues ({blocked.reason})" for blocked in report.blocked)
            self.stdout.write(
                f"{report.row.key} ({report.row.period}) : {report.held} détenues, la plus ancienne {oldest}, "
                f"{report.due} échues{held_back}"
            )
