"""Documents for paper, set by typst from `*.typ` files here. The same data give the same bytes: no date of making."""

import json
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent


def pdf(name: str, data: dict[str, Any]) -> bytes:
    """`name`.typ, set with these data, as PDF/UA, that screen readers read. No font but our own is used."""
    made = typst.compile(
        HERE / f"{name}.typ",
        root=HERE,
        font_paths=[HERE / "fonts"],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
    assert isinstance(made, bytes)
    return made
