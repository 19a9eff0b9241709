"""A year's books for the accountant, as files."""

from interventions.models import AccountingExport
from privacy.encrypted_files import ClearFile
from privacy.rights.copies import clear_pieces

CONTENT_TYPES = {
    AccountingExport.Kind.FEC: "text/plain",
    AccountingExport.Kind.CSV: "text/csv",
    AccountingExport.Kind.ZIP: "application/zip",
}


def clear_export(export: AccountingExport) -> ClearFile:
    pieces = clear_pieces(export.file, wrapped=export.wrapped_key, size=export.size)
    return ClearFile(CONTENT_TYPES[AccountingExport.Kind(export.kind)], pieces)
