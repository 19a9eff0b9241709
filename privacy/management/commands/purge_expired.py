import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from privacy.models import PurgeApproval
from privacy.registry import registry
from privacy.retention.purge import PurgeError, purge


class Command(BaseCommand):
    help = (
        "Supprime ce que la politique dit échu. À blanc par défaut : la purge a vraiment lieu puis est défaite, "
        "ses nombres sont donc les vrais."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--commit", action="store_true", help="supprimer pour de bon")
        parser.add_argument(
            "--rule", default="", metavar="CLÉ", help="une seule règle, ou une seule ligne de la politique"
        )
        parser.add_argument("--json", action="store_true", help="un seul objet JSON sur la sortie standard")
        parser.add_argument(
            "--approve", default="", metavar="CLÉ", help="donner l’accord pour une suppression inhabituellement grande"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["approve"]:
            if options["approve"] not in [rule.key for rule in registry.rules()]:
                raise CommandError(f"Aucune règle ne s’appelle « {options['approve']} ».")
            PurgeApproval.objects.create(rule=options["approve"], approved_at=now)
        try:
            result = purge(now=now, commit=options["commit"], only=options["rule"])
        except PurgeError as error:
            raise CommandError(str(error)) from error
        for outcome in result.outcomes:
            if outcome.halted:
                self.stderr.write(
                    f"{outcome.key} : {outcome.halted} lignes d’un coup, c’est inhabituel. Rien n’a été supprimé ; "
                    f"vérifiez l’horloge, puis relancez avec --approve {outcome.key}."
                )
        if options["json"]:
            self.stdout.write(json.dumps(result.as_json(), ensure_ascii=False))
            return
        for outcome in result.outcomes:
            held = "".join(f", {blocked.count} retenues ({blocked.reason})" for blocked in outcome.blocked)
            self.stdout.write(f"{outcome.key} : {outcome.deleted} supprimées, {outcome.files} fichiers{held}")
        if not options["commit"]:
            self.stdout.write("À blanc : rien n’a été supprimé. --commit pour supprimer.")
