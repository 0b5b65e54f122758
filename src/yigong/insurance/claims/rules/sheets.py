"""A scheme as a workbook: one sheet per file, named like the file without its ending; JSON files stand as text in cell A1 and below."""

import csv
import io
import zipfile

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from yigong.core.errors import InvalidInput

_JSON = frozenset({"scheme", "mdc", "adrg"})


def files_of_workbook(content: bytes) -> dict[str, bytes]:
    """The files that the sheets stand for; InvalidInput when it is no workbook."""
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, OSError):
        raise InvalidInput(errors={"package": _("工作簿无法打开，请另存为 .xlsx 后再试。")}) from None
    found: dict[str, bytes] = {}
    for sheet in book.worksheets:
        rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        name = sheet.title.strip().lower()
        if name in _JSON:
            found[f"{name}.json"] = "\n".join(row[0] for row in rows if row).encode()
        else:
            target = io.StringIO()
            csv.writer(target, lineterminator="\n").writerows(row for row in rows if any(row))
            found[f"{name}.csv"] = target.getvalue().encode()
    return found
