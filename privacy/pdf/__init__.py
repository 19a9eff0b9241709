"""Documents for paper, set by typst from `*.typ` files here. The same data give the same bytes: no date of making."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent

# What no font here can show stops typst, which must not stop an invoice: Latin, Greek and Cyrillic pass.
NOT_SHOWN = re.compile(
    "[^\n\t -~\xa0-\u024f\u0300-\u036f\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u045f\u1e00-\u1eff"
    "\u2010-\u2027\u202f-\u2040\u20a0-\u20bf\u2190-\u22ff]"
)


def pdf(name: str, data: dict[str, Any], *, attached: Mapping[str, str] | None = None) -> bytes:
    """
    `name`.typ, set with these data, as PDF/UA, that screen readers read. No font but our own is used.

    Texts that are `attached`, by their names, are the template's to attach; then it is PDF/A-3 as well, made to last.
    """
    made = typst.compile(
        HERE / f"{name}.typ",
        root=HERE,
        font_paths=[HERE / "fonts"],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(shown(data), ensure_ascii=False), **(attached or {})},
        pdf_standards=["a-3a", "ua-1"] if attached else ["ua-1"],
    )
    assert isinstance(made, bytes)
    return made


def shown(data: Any) -> Any:
    """The same, with a question mark for each letter that could not be printed."""
    if isinstance(data, str):
        return NOT_SHOWN.sub("?", data)
    if isinstance(data, dict):
        return {key: shown(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [shown(value) for value in data]
    return data
