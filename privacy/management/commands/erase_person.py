from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from privacy.rights import erasure, grounds
from privacy.rights.workflow import RequestError
from privacy.subjects import declared_person


class Command(BaseCommand):
    help = (
        "Efface une personne, sauf ce que l’article 17(3) du RGPD garde, avec son motif. À blanc par défaut : "
        "l’effacement a vraiment lieu puis est défait, ses nombres sont donc les vrais."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("id", type=int, help="le numéro de la fiche")
        parser.add_argument("--commit", action="store_true", help="effacer pour de bon")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        person = declared_person()._base_manager.filter(pk=options["id"]).first()
        if person is None:
            raise CommandError(f"Personne n’a le numéro {options['id']}.")
        plan = erasure.plan_for(person, now=now)
        if options["commit"]:
            try:
                erasure.erase(person, by=None, now=now)
            except RequestError as error:
                raise CommandError(str(error)) from error
        self.tell(plan)
        if not options["commit"]:
            self.stdout.write("À blanc : rien n’a été effacé. --commit pour effacer.")

    def tell(self, plan: erasure.Plan) -> None:
        for part in plan.parts:
            said = [f"{part.erased} effacés"] if part.erased else []
            said += [f"{part.cut} sans la personne"] if part.cut else []
            said += [f"{number} gardés ({grounds.GROUNDS[ground].law})" for ground, number in (+part.kept).items()]
            self.stdout.write(f"{part.dataset.label} : {', '.join(said)}")
        self.stdout.write(f"Fichiers : {plan.files}")
        for text in plan.texts:
            self.stdout.write(f"À relire : {text.dataset.name} {text.pk}")
        for obstacle in plan.obstacles:
            self.stderr.write(obstacle)
