from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from privacy.publishing import PolicyChanged, publish_policy


class Command(BaseCommand):
    help = (
        "Conserve la page de la politique de confidentialité sous sa version, avec son empreinte. Sans effet si elle "
        "l’est déjà ; refuse si le texte a changé sans changer de version."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            kept = publish_policy(now=timezone.now())
        except PolicyChanged as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Politique {kept.version} publiée, SHA-256 {kept.sha256}.")
