"""What one line of a landlord's file says, once its cells are understood."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import CharField, Model

from accounts.models import Person, Title
from accounts.names import clean_text
from accounts.phones import InvalidPhone, to_e164
from interventions.models import Dwelling, Residence, Tenancy

CENTURY_TURNS_AT = 50  # 49 is 2049, 50 is 1950
KNOWN_YEARS = range(1900, 2101)
NEVER = re.compile(r".*\b[29]999\b.*|[29]999.*")  # how rental software writes "no end"
NOTHING = {"", "-", "--", "0", "0000000000", "nc", "neant", "sans", "aucun", "aucune", "inconnu", "null", "n a"}
TITLES = {
    "m": Title.MR,
    "mr": Title.MR,
    "monsieur": Title.MR,
    "mme": Title.MRS,
    "mlle": Title.MRS,
    "madame": Title.MRS,
    "mademoiselle": Title.MRS,
}
DAY_FIRST = re.compile(r"(?P<day>\d{1,2})[/.-](?P<month>\d{1,2})[/.-](?P<year>\d{4}|\d{2})(?: .*)?", re.ASCII)
YEAR_FIRST = re.compile(r"(?P<year>\d{4})[/-]?(?P<month>\d{2})[/-]?(?P<day>\d{2})(?:[ T].*)?", re.ASCII)
ROUNDED_BY_EXCEL = re.compile(r"\d([.,]\d+)?E\+?\d+", re.ASCII | re.IGNORECASE)
BETWEEN_PHONES = re.compile(r"[;,|]| ou | et ")
PERHAPS_BETWEEN_PHONES = re.compile(r"/| - ")  # also seen inside one number: 03/27/12/34/56
WORDS = re.compile(r"[^\W_]+")
LETTERS = re.compile(r"[^\W\d_]+")


class Refused(Exception):
    """The line is not imported. The message says why, in French, without quoting what the cells hold."""


@dataclass(frozen=True, slots=True)
class EstateLine:
    number: int
    residence_reference: str
    residence_name: str
    street: str
    postcode: str
    city: str
    sector: str
    dwelling_reference: str
    staircase: str
    floor: str
    door: str
    tenant_reference: str
    title: str
    family_name: str
    given_name: str
    phones: tuple[str, ...]
    email: str
    since_on: date
    until_on: date | None


def fold(text: str) -> str:
    """Lower-case words without accents or punctuation. Compared with other folded text only, never with stored keys."""
    plain = text.casefold()
    if not plain.isascii():
        decomposed = unicodedata.normalize("NFKD", plain.replace("œ", "oe").replace("æ", "ae"))
        plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(WORDS.findall(plain))


# Values: each takes a clean cell, and raises ValueError with what is wrong with it -----------------------------------


def read_reference(text: str) -> str:
    if ROUNDED_BY_EXCEL.fullmatch(text):
        raise ValueError("arrondie par le tableur (1,2E+10)")
    return text


def read_postcode(text: str) -> str:
    digits = text.replace(" ", "")
    if not re.fullmatch(r"\d{4,5}", digits, re.ASCII):
        raise ValueError("impossible")
    return digits.zfill(5)  # spreadsheets drop the 0 of 02100


def read_title(text: str) -> str:
    """Unknown where the cell names two people, or none."""
    return TITLES.get(fold(text), Title.UNKNOWN)


def read_name(text: str) -> str:
    if text and not any(char.isalpha() for char in text):
        raise ValueError("sans aucune lettre")
    return LETTERS.sub(lambda word: word[0].capitalize(), text) if text.isupper() else text


def read_phones(text: str) -> tuple[str, ...]:
    """One number in any spelling, or several: ``03 27 12 34 56 (domicile) / 06 12 34 56 78``."""
    return tuple(number for part in BETWEEN_PHONES.split(text) for number in _read_phone_cell(part))


def _read_phone_cell(text: str) -> Iterator[str]:
    if fold(text) in NOTHING:
        return
    try:
        yield to_e164(LETTERS.sub("", text))
    except InvalidPhone as error:
        parts = PERHAPS_BETWEEN_PHONES.split(text)
        if len(parts) == 1:
            raise ValueError("impossible") from error
        for part in parts:
            yield from _read_phone_cell(part)


def read_email(text: str) -> str:
    if fold(text) in NOTHING:
        return ""
    try:
        validate_email(text)
    except ValidationError as error:
        raise ValueError("impossible") from error
    return text


def read_date(text: str) -> date | None:
    """``31/01/2024``, ``31-01-24``, ``31.1.2024``, ``2024-01-31`` or ``20240131``, with or without a time behind."""
    if not text:
        return None
    match = YEAR_FIRST.fullmatch(text) or DAY_FIRST.fullmatch(text)
    if not match:
        raise ValueError("illisible")
    year = int(match["year"])
    if len(match["year"]) == 2:
        year += 2000 if year < CENTURY_TURNS_AT else 1900
    if year not in KNOWN_YEARS:
        raise ValueError("impossible")
    try:
        return date(year, int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise ValueError("impossible") from error


def read_end(text: str) -> date | None:
    return None if NEVER.fullmatch(text) else read_date(text)


# Columns --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """`headings` are folded, without the words that `reading` drops or replaces, in any order of words."""

    label: str
    headings: tuple[str, ...]
    read: Callable[[str], object] = str
    required: bool = False
    max_length: int | None = None


def _length(model: type[Model], name: str) -> int | None:
    field = model._meta.get_field(name)
    return field.max_length if isinstance(field, CharField) else None


COLUMNS = {
    "residence_reference": Column(
        "référence de la résidence", ("ref residence",), read_reference, True, _length(Residence, "reference")
    ),
    "residence_name": Column(
        "nom de la résidence",
        ("residence", "nom residence", "libelle residence"),
        str,
        True,
        _length(Residence, "name"),
    ),
    "street": Column(
        "adresse", ("adresse", "rue", "voie", "adresse 1", "adresse postale"), str, True, _length(Residence, "street")
    ),
    "postcode": Column("code postal", ("cp", "ref postal", "codepostal"), read_postcode, True),
    "city": Column("commune", ("ville", "commune", "localite"), str, True, _length(Residence, "city")),
    "sector": Column("secteur", ("secteur", "quartier", "agence"), str, False, _length(Residence, "sector")),
    "dwelling_reference": Column(
        "référence du logement", ("ref logement", "logement"), read_reference, True, _length(Dwelling, "reference")
    ),
    "staircase": Column(
        "escalier",
        ("escalier", "ref escalier", "cage", "cage escalier"),
        str,
        False,
        _length(Dwelling, "staircase"),
    ),
    "floor": Column("étage", ("etage", "niveau", "ref etage"), str, False, _length(Dwelling, "floor")),
    "door": Column("porte", ("porte", "ref porte"), str, False, _length(Dwelling, "door")),
    "tenant_reference": Column(
        "référence du locataire", ("ref locataire",), read_reference, True, _length(Tenancy, "reference")
    ),
    "title": Column("civilité", ("civilite", "civ", "titre"), read_title),
    "family_name": Column("nom", ("nom", "nom famille", "nom usage"), read_name, True, _length(Person, "family_name")),
    "given_name": Column("prénom", ("prenom",), read_name, False, _length(Person, "given_name")),
    "phones": Column(
        "téléphone",
        ("tel", "tel 1", "tel 2", "tel 3", "ref tel", "tel domicile", "tel travail", "tel pro"),
        read_phones,
    ),
    "email": Column(
        "adresse e-mail",
        ("email", "adresse email", "adresse electronique"),
        read_email,
        False,
        _length(Person, "email"),
    ),
    "since_on": Column(
        "date d’entrée",
        ("date entree", "entree", "depuis", "date debut", "debut", "date effet", "date entree lieux"),
        read_date,
        True,
    ),
    "until_on": Column(
        "date de sortie",
        ("date sortie", "sortie", "jusqu", "jusquau", "date fin", "fin", "date depart", "depart", "date sortie lieux"),
        read_end,
    ),
}


def read_line(number: int, cells: Mapping[str, str]) -> EstateLine:
    """
    `cells` are the texts of the columns that the file has, by their key in COLUMNS.

    Raises Refused with all that is wrong with the line.
    """
    values: dict[str, Any] = {}
    problems = []
    for key, column in COLUMNS.items():
        try:
            values[key] = _read_cell(column, cells.get(key, ""))
        except ValueError as error:
            problems.append(f"{column.label} {error}")
    if problems:
        raise Refused(", ".join(problems))
    line = EstateLine(number=number, **values)
    if line.until_on and line.until_on < line.since_on:
        raise Refused("date de sortie avant la date d’entrée")
    return line


def _read_cell(column: Column, cell: str) -> object:
    text = clean_text(cell)
    if not text and column.required:
        raise ValueError("à renseigner")
    value = column.read(text)
    if column.max_length and len(str(value)) > column.max_length:
        raise ValueError(f"de plus de {column.max_length} caractères")
    return value
