"""Tables for spreadsheets, as they are written and no longer: no cell is read as a formula."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.utils.timezone import localtime
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from privacy.journal import FORMULA, Echo

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"  # without it, spreadsheets take UTF-8 for something else

Row = Iterable[Any]


def neutral(value: Any) -> Any:
    """Text that a spreadsheet would read as a formula, as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def csv_of(rows: Iterable[Row]) -> Iterator[str]:
    """Line by line, as French spreadsheets open it: semicolons, days before months."""
    line = csv.writer(Echo(), delimiter=";")
    yield BOM
    for row in rows:
        yield line.writerow([in_words(neutral(value)) for value in row])


def in_words(value: Any) -> Any:
    match value:
        case datetime():
            return f"{localtime(value):%d/%m/%Y %H:%M}"
        case date():
            return f"{value:%d/%m/%Y}"
        case Decimal():
            return str(value).replace(".", ",")
    return value


def xlsx_of(sheets: Iterable[tuple[str, Iterable[Row]]]) -> IO[bytes]:
    """A workbook, sheet by sheet, on the disk. The first row of each is its heading."""
    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title[:31])
        sheet.freeze_panes = "A2"
        for number, row in enumerate(rows):
            sheet.append([cell(sheet, value, is_heading=number == 0) for value in row])
    file = TemporaryFile()  # noqa: SIM115  # whoever hands it out closes it
    book.save(file)
    file.seek(0)
    return file


def pieces_of_xlsx(sheets: Iterable[tuple[str, Iterable[Row]]]) -> Iterator[bytes]:
    """The same, made when it is asked for and gone once it was read."""
    with xlsx_of(sheets) as file:
        yield from iter(lambda: file.read(64 * 1024), b"")


def cell(sheet: Any, value: Any, *, is_heading: bool) -> Any:
    naive = localtime(value).replace(tzinfo=None) if isinstance(value, datetime) else value
    made = WriteOnlyCell(sheet, value=neutral(naive))
    if isinstance(value, datetime):
        made.number_format = "dd/mm/yyyy hh:mm"
    if is_heading:
        made.font = Font(bold=True)
    return made
