"""
What a package holds, as an archive that is made while it is read: for access a page that a person reads, for any
browser and any printer, and the same in JSON; for portability JSON and CSV. Files go along in both.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.template.loader import get_template, render_to_string
from django.utils.safestring import SafeString, mark_safe

from privacy import policy
from privacy.declarations import Category, Dataset
from privacy.encrypted_files import Unreadable
from privacy.rights.archive import Archive, Draft
from privacy.rights.gather import Enclosed, Gathered, Show, Whole, gathered
from privacy.subjects import Holding, purposes_of, recipients_of, without_day_while

ORDER = list(Category)
Tick = Callable[[], object]  # called after each row


@dataclass
class Contents:
    """What went into an archive, in numbers."""

    rows: Counter[str] = field(default_factory=Counter)
    files: int = 0
    unreadable: int = 0

    @property
    def counts(self) -> dict[str, int]:
        return {"rows": self.rows.total(), "files": self.files, "unreadable": self.unreadable}


@dataclass(frozen=True)
class FileLine:
    """A file as the page names it."""

    name: str
    content_type: str
    unreadable: bool

    @property
    def is_sound(self) -> bool:
        return self.content_type.startswith("audio/")

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")


def access_archive(
    whole: Whole, *, show: Show, reference: str = "", now: datetime, tick: Tick = lambda: None, contents: Contents
) -> Iterator[bytes]:
    """The ZIP that answers a request for access, piece by piece; `contents` is filled on the way."""
    archive, page, data = Archive(now=now), Draft(), Draft()
    with ExitStack() as closing:
        closing.callback(page.close)
        closing.callback(data.close)
        held = in_order(whole.holdings(now=now))
        page.write(head(held, reference=reference, now=now))
        data.write(json.dumps(about(reference=reference, now=now), ensure_ascii=False)[:-1] + ', "datasets": [')
        category = ""
        for number, holding in enumerate(held):
            page.write(section(holding, category=category, registry=whole.registry))
            category = holding.dataset.data[0].category
            data.write(f"{', ' if number else ''}\n{opening(holding.dataset)}")
            for place, each in enumerate(gathered(whole, holding.dataset, show=show, now=now)):
                lines = []
                for enclosed in each.files:
                    yield from put(archive, enclosed, lines=lines, contents=contents)
                page.write(row_in_words(each, lines))
                data.write(f"{', ' if place else ''}\n{row_as_json(each, lines)}")
                contents.rows[holding.dataset.name] += 1
                tick()
            data.write("]}")
        page.write(foot())
        data.write("\n]}\n")
        yield from archive.add("vos-donnees.html", page.pieces())
        yield from archive.add("donnees.json", data.pieces())
        yield from archive.end()


def in_order(found: list[Holding]) -> list[Holding]:
    """By category, as section 3 of the policy has them."""
    return sorted(found, key=lambda holding: ORDER.index(holding.dataset.data[0].category))


def put(archive: Archive, enclosed: Enclosed, *, lines: list[FileLine], contents: Contents) -> Iterator[bytes]:
    """One that cannot be read is said to be so, and keeps nobody from the rest."""
    unreadable = False

    def readable() -> Iterator[bytes]:
        nonlocal unreadable
        try:
            yield from enclosed.clear.pieces
        except Unreadable:
            unreadable = True

    yield from archive.add(enclosed.name, readable())
    contents.files += not unreadable
    contents.unreadable += unreadable
    lines.append(FileLine(enclosed.name, enclosed.clear.content_type, unreadable))


# The page -------------------------------------------------------------------------------------------------------------


def head(held: list[Holding], *, reference: str, now: datetime) -> str:
    context = {
        "look": look(),
        "company_name": settings.COMPANY_NAME,
        "controller": policy.CONTROLLER,
        "dpo_email": policy.DPO_EMAIL,
        "reference": reference,
        "holdings": held,
        "has_files": any(holding.dataset.reads for holding in held),
        "now": now,
    }
    return render_to_string("privacy/copy/head.html", context)


@cache
def look() -> SafeString:
    """The page is opened from a disk: it brings its style along."""
    return mark_safe(f"<style>\n{render_to_string('privacy/copy/look.css')}</style>")


def section(holding: Holding, *, category: str, registry: Any) -> str:
    dataset = holding.dataset
    context = {
        "category": "" if category == dataset.data[0].category else dataset.data[0].category,
        "dataset": dataset,
        "purposes": purposes_of(dataset),
        "source": source_of(dataset),
        "recipients": recipients_of(dataset),
        "holding": holding,
        "periods": list(dict.fromkeys(expiry.policy_row for expiry in dataset.expires)),
        "while": without_day_while(dataset, registry=registry),
    }
    return render_to_string("privacy/copy/section.html", context)


def source_of(dataset: Dataset) -> str:
    provided = {data.provided for data in dataset.data}
    if len(provided) == 2:
        return "De vous, et de notre travail"
    return "De vous" if provided == {True} else "De notre travail"


@cache
def row_template() -> Any:
    return get_template("privacy/copy/row.html")


def row_in_words(each: Gathered, lines: list[FileLine]) -> str:
    return row_template().render({"piece": each.piece, "files": lines})


def foot() -> str:
    context = {
        "dpo_email": policy.DPO_EMAIL,
        "cnil_address": policy.CNIL_ADDRESS,
        "published_on": policy.PUBLISHED_ON,
    }
    return render_to_string("privacy/copy/foot.html", context)


# The same for a computer ----------------------------------------------------------------------------------------------


def about(*, reference: str, now: datetime) -> dict[str, Any]:
    return {
        "about": "RGPD, article 15",
        "controller": policy.CONTROLLER.name,
        "made_at": now.isoformat(),
        "request": reference,
        "policy": policy.VERSION,
    }


def opening(dataset: Dataset) -> str:
    """The dataset's JSON up to its rows."""
    said = {
        "model": dataset.name,
        "label": dataset.label,
        "purposes": [{"purpose": each.label, "basis": each.basis} for each in purposes_of(dataset)],
        "source": source_of(dataset),
        "recipients": [each.label for each in recipients_of(dataset)],
    }
    return json.dumps(said, ensure_ascii=False)[:-1] + ', "rows": ['


def row_as_json(each: Gathered, lines: list[FileLine]) -> str:
    piece = each.piece
    said = {
        "id": each.pk,
        "roles": piece.roles,
        "fields": {fact.name: fact.value for fact in piece.facts if not fact.masked},
        "masked": [fact.name for fact in piece.facts if fact.masked],
        "technical": piece.technical,
        "other_people": piece.others,
        "planned_until": piece.planned_on,
        "until": piece.goes_on,
        "files": [line.name for line in lines if not line.unreadable],
    }
    return json.dumps(said, ensure_ascii=False, default=in_json)


def in_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)
