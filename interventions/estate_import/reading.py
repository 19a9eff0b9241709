"""From the bytes that a landlord sent to the cells of each line."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Self, TextIO

from accounts.names import clean_text
from interventions.estate_import.lines import COLUMNS, Refused, fold

DELIMITERS = ";\t,"
MAX_LINE = 65_536  # bytes; what is longer is no tenancy, and is not held in memory
CAMEL_CASE = re.compile(r"(?<=[a-zé])(?=[A-Z])")
UTF_16_MARKS = ("ÿþ", "þÿ")  # as bytes read one by one
DROPPED_WORDS = {"de", "du", "des", "d", "la", "le", "les", "l", "au", "dans", "e"}
SYNONYMS = {
    **dict.fromkeys(
        ("reference", "code", "numero", "num", "no", "n", "id", "identifiant", "matricule", "ident"), "ref"
    ),
    **dict.fromkeys(("groupe", "programme", "immeuble", "ensemble"), "residence"),
    **dict.fromkeys(("lot", "appartement", "appt", "apt", "local", "ug"), "logement"),
    **dict.fromkeys(("client", "occupant", "contrat", "bail", "tenant"), "locataire"),
    **dict.fromkeys(("telephone", "phone", "fixe", "portable", "mobile", "gsm"), "tel"),
    **dict.fromkeys(("mail", "courriel", "mel"), "email"),
    "esc": "escalier",
    "prenoms": "prenom",
    "arrivee": "entree",
}
WHOSE = {"residence", "logement", "locataire"}  # "nom du locataire", "adresse de la résidence", "étage du logement"
KEYS_BY_WORDS = {frozenset(heading.split()): key for key, column in COLUMNS.items() for heading in column.headings}


class UnusableFile(Exception):
    """Nothing of this file can be imported. The message says why, in French and in one line."""


@dataclass
class Layout:
    delimiter: str
    columns: list[tuple[int, str]]
    width: int
    ignored: list[str] = field(default_factory=list)


class EstateFile:
    """
    A landlord's file, line by line: `layout` first, then the numbered lines.

    Each line is UTF-8 or else cp1252: files glued together from two programs hold both. A record is one line, so that
    a quote never closed costs its own line only.
    """

    def __init__(self, path: Path) -> None:
        try:
            # One byte, one character: only the ends of lines (\n, \r\n or \r) are recognised here.
            self._file: TextIO = path.open(encoding="latin-1")
            self._lines: Iterator[tuple[int, str]] = enumerate(_lines(self._file), start=1)
        except (OSError, ValueError) as error:
            raise UnusableFile(f"Fichier absent ou illisible\u00a0: {path}.") from error

    def __enter__(self) -> Self:
        try:
            self.layout = self._read_layout()
            first = next(iter(self), None)
            if first is None:
                raise UnusableFile("Le fichier n’a aucune ligne sous ses titres.")
            self._lines = chain([first], self._lines)
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """In bytes, for a progress bar."""
        return self._file.buffer.tell()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        for number, text in self._lines:
            if text.strip(DELIMITERS + ' "\0'):
                yield number, text

    def _read_layout(self) -> Layout:
        for number, text in self:
            if number == 1 and text.startswith(UTF_16_MARKS):
                raise UnusableFile("Le fichier est en UTF-16\u00a0: enregistrez-le en CSV UTF-8.")
            if not text.lower().startswith("sep="):
                return read_layout(decode(text))
        raise UnusableFile("Le fichier est vide.")


def read_layout(heading_line: str) -> Layout:
    delimiter = max(DELIMITERS, key=heading_line.count)
    try:
        headings = split(heading_line, delimiter)
    except Refused as error:
        raise UnusableFile(f"La ligne des titres est illisible\u00a0: {error}.") from error
    layout = Layout(delimiter, columns=[], width=len(headings))
    named: dict[str, int] = {}
    for index, heading in enumerate(headings):
        key = recognise(heading)
        if key is None:
            layout.ignored.append(clean_text(heading)[:40])
            continue
        if key in named and key != "phones":
            raise UnusableFile(
                f"Deux colonnes donnent «\u00a0{COLUMNS[key].label}\u00a0» "
                f"(la {named[key] + 1}ᵉ et la {index + 1}ᵉ)\u00a0: précisez leurs titres."
            )
        named[key] = index
        layout.columns.append((index, key))
    missing = [column.label for key, column in COLUMNS.items() if column.required and key not in named]
    if missing:
        raise UnusableFile(f"Colonnes obligatoires absentes ou non reconnues\u00a0: {', '.join(missing)}.")
    layout.ignored = [heading for heading in layout.ignored if heading]
    return layout


def recognise(heading: str) -> str | None:
    """``N° du logement``, ``REF_LOGEMENT`` and ``Code lot`` are one column."""
    words = re.findall(r"[a-z]+|\d+", fold(CAMEL_CASE.sub(" ", heading)))
    meant = frozenset(SYNONYMS.get(word, word) for word in words if word not in DROPPED_WORDS)
    return KEYS_BY_WORDS.get(meant) or KEYS_BY_WORDS.get(meant - WHOSE)


def cells_of(text: str, layout: Layout) -> dict[str, str]:
    """The cells of a line as it came from EstateFile. Raises Refused when they cannot be told apart."""
    if len(text) > MAX_LINE:
        raise Refused(f"ligne de plus de {MAX_LINE} caractères")
    decoded = decode(text)
    if "\ufffd" in decoded:
        raise Refused("caractère illisible")
    cells = split(decoded, layout.delimiter)
    if any(map(clean_text, cells[layout.width :])):
        raise Refused("plus de cellules que de titres")
    found: dict[str, str] = {}
    for key, cell in ((key, cells[index]) for index, key in layout.columns if index < len(cells)):
        found[key] = f"{found[key]} ; {cell}" if key in found else cell  # only phones have several columns
    return found


def split(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error as error:
        raise Refused("guillemets mal fermés (une cellule tient sur une seule ligne)") from error


def decode(text: str) -> str:
    """`text` holds one character a byte."""
    raw = text.encode("latin-1")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _lines(file: TextIO) -> Iterator[str]:
    """Lines without their end; of a longer one than MAX_LINE, one character too many and no more."""
    while line := file.readline(MAX_LINE + 1):
        complete = line.endswith("\n")
        yield line.rstrip("\n")
        while not complete:
            rest = file.readline(MAX_LINE)
            complete = not rest or rest.endswith("\n")
