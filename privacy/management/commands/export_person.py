import os
import tempfile
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from privacy import journal
from privacy.rights.document import Contents, access_archive
from privacy.rights.gather import Whole, unless_shared
from privacy.rights.portable import portable_archive
from privacy.subjects import declared_person


class Command(BaseCommand):
    help = (
        "Écrit dans un ZIP tout ce qui est gardé d’une personne, sur toutes ses fiches, ou avec --portable ce qu’elle "
        "peut emporter. Personne ne relit ici : les textes d’une ligne sur plusieurs personnes sont masqués."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("person", metavar="ID", help="le numéro de sa fiche")
        parser.add_argument("--output", metavar="FICHIER", type=Path, required=True, help="remplacé s’il existe")
        parser.add_argument("--portable", action="store_true", help="JSON et CSV, article 20")

    def handle(self, *, person: str, output: Path, portable: bool, **options: Any) -> None:
        now = timezone.now()
        number = int(person) if person.isascii() and person.isdecimal() and len(person) < 19 else 0
        found = declared_person()._base_manager.filter(pk=number).first()
        if found is None:
            raise CommandError("Aucune fiche ne porte ce numéro.")
        if output.is_dir() or not output.parent.is_dir():
            raise CommandError("Ce fichier ne peut pas être écrit, faute de dossier ou parce que c’en est un.")
        whole, contents = Whole(found), Contents()
        if portable:
            pieces = portable_archive(whole, now=now, contents=contents)
        else:
            pieces = access_archive(whole, show=unless_shared, now=now, contents=contents)
        try:
            with ExitStack() as undo:
                handle, unfinished = tempfile.mkstemp(prefix=".", dir=output.parent)  # for its owner only
                undo.callback(os.unlink, unfinished)
                with os.fdopen(handle, "wb") as file:
                    file.writelines(pieces)
                    file.flush()
                    os.fsync(file.fileno())
                done = {"rows": contents.rows.total(), "files": contents.files}
                journal.record(found, action="export", by=None, now=now, portable=portable, done=done)
                os.replace(unfinished, output)
                undo.pop_all()
        except OSError as error:
            raise CommandError(f"Rien n’a été écrit\N{NO-BREAK SPACE}: {error.strerror}.") from error
        self.stdout.write(
            f"{contents.rows.total()} éléments, {contents.files} fichiers, {contents.unreadable} illisibles."
        )
