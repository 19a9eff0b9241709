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
from html import escape  # Django's own looks for lazy texts first, and takes five times as long
from itertools import chain
from typing import Any

from django.conf import settings
from django.template import Engine
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from privacy import policy
from privacy.declarations import Category, Dataset
from privacy.encrypted_files import Unreadable
from privacy.registry import Registry
from privacy.rights.archive import Archive, Draft
from privacy.rights.gather import Enclosed, Gathered, Show, Whole, gathered
from privacy.subjects import Holding, Piece, Receiver, given_to, purposes_of, recipients_of, without_day_while

ORDER = list(Category)
Tick = Callable[[], object]  # called after each row


@dataclass
class Contents:
    """What went into an archive, in numbers."""

    rows: Counter[str] = field(default_factory=Counter)
    files: int = 0
    unreadable: int = 0


@dataclass(frozen=True)
class FileLine:
    """A file as the page names it."""

    name: str
    content_type: str
    unreadable: bool


def access_archive(
    whole: Whole, *, show: Show, reference: str = "", now: datetime, tick: Tick = lambda: None, contents: Contents
) -> Iterator[bytes]:
    """The ZIP that answers a request for access, piece by piece; `contents` is filled on the way."""
    archive, body, data = Archive(now=now), Draft(), Draft()
    with ExitStack() as closing:
        closing.callback(body.close)
        closing.callback(data.close)
        data.write(json.dumps(about(reference=reference, now=now), ensure_ascii=False)[:-1] + ', "datasets": [')
        told: list[Holding] = []
        for dataset, count in sorted(whole.counts, key=category_of):
            holding, section = Holding(dataset), Draft()
            closing.callback(section.close)
            for each in gathered(whole, dataset, count=count, show=show, now=now):
                lines: list[FileLine] = []
                for enclosed in each.files:
                    yield from put(archive, enclosed, lines=lines, contents=contents)
                if not holding.count:
                    data.write(f"{', ' if told else ''}\n{opening(dataset)}")
                data.write(f"{', ' if holding.count else ''}\n{row_as_json(each, lines)}")
                section.write(row_in_words(each, lines))
                holding.add(1, planned_on=each.piece.planned_on, goes_on=each.piece.goes_on)
                tick()
            if holding.count:
                data.write("]}")
                body.write(heading(holding, after=told[-1] if told else None, registry=whole.registry))
                body.append(section)
                contents.rows[dataset.name] = holding.count
                told.append(holding)
        data.write("\n]}\n")
        top = head(told, receivers=given_to(whole.person, also=whole.also), reference=reference, now=now)
        yield from archive.add("vos-donnees.html", chain([top.encode()], body.pieces(), [foot().encode()]))
        yield from archive.add("donnees.json", data.pieces())
        yield from archive.end()


def category_of(counted: tuple[Dataset, int]) -> int:
    """As section 3 of the policy has them in order."""
    return ORDER.index(counted[0].data[0].category)


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


def head(held: list[Holding], *, receivers: list[Receiver], reference: str, now: datetime) -> str:
    context = {
        "look": look(),
        "company_name": settings.COMPANY_NAME,
        "controller": policy.CONTROLLER,
        "dpo_email": policy.DPO_EMAIL,
        "reference": reference,
        "holdings": held,
        "receivers": receivers,
        "has_files": any(holding.dataset.reads for holding in held),
        "now": now,
    }
    return render_to_string("privacy/copy/head.html", context)


@cache
def look() -> SafeString:
    """The page is opened from a disk: it brings its style along."""
    return mark_safe(f"<style>\n{render_to_string('privacy/copy/look.css')}</style>")


def heading(holding: Holding, *, after: Holding | None, registry: Registry) -> str:
    """What goes for all its rows; the category where it is a new one."""
    dataset = holding.dataset
    category = dataset.data[0].category
    context = {
        "category": "" if after and after.dataset.data[0].category == category else category,
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


def row_in_words(each: Gathered, lines: list[FileLine]) -> str:
    """By hand, which a template takes ten times as long for."""
    plain, piece = in_words("plain"), each.piece
    parts = ['<div class="piece">\n<p class="until">']
    if piece.others:
        parts.append(f"Vous y êtes\N{NO-BREAK SPACE}: {escape(', '.join(piece.roles))}. ")
    parts += [until_in_words(piece), '</p>\n<dl class="facts">']
    for fact in piece.facts:
        value = MASKED_FACT if fact.masked else escape(plain(fact.value)).replace("\n", "<br>")
        parts.append(f"<div><dt>{escape(fact.label)}</dt><dd>{value}</dd></div>")
    parts.append("</dl>\n")
    parts += [file_in_words(line) for line in lines]
    if piece.technical:
        names = escape(", ".join(piece.technical).lower())
        parts.append(f'<p class="until">Et pour nos machines\N{NO-BREAK SPACE}: {names}.</p>\n')
    if piece.others:
        parts.append(OTHERS.format(escape(", ".join(piece.others))))
    return "".join([*parts, "</div>\n"])


MASKED_FACT = '<span class="masked">Masqué, pour une autre personne</span>'
OTHERS = (
    '<p class="until">Une autre personne est concernée ({}). Ce qu’elle a dit et ce qui la concerne n’est montré qu’à '
    "elle.</p>\n"
)


def until_in_words(piece: Piece) -> str:
    day = in_words("day")
    if piece.is_held:
        return f"Devait partir le {day(piece.planned_on)}, gardé pour le moment par une procédure en cours."
    return f"Gardé jusqu’au {day(piece.goes_on)}." if piece.goes_on else "Pas encore de date de fin."


def file_in_words(line: FileLine) -> str:
    if line.unreadable:
        return '<p class="masked">Ce fichier ne peut plus être lu.</p>\n'
    if line.content_type.startswith("audio/"):
        sound = '<p><audio controls preload="none" src="{0}"></audio> <a href="{0}">Écouter le son</a></p>\n'
        return format_html(sound, line.name)
    if line.content_type.startswith("image/"):
        return format_html('<p><a href="{0}"><img src="{0}" alt="Photo" loading="lazy"></a></p>\n', line.name)
    return format_html('<p><a href="{}">Ouvrir le fichier</a></p>\n', line.name)


@cache
def in_words(name: str) -> Callable[[Any], str]:
    """The site’s own filter of this name, as its templates use it."""
    libraries = Engine.get_default().template_builtins
    return next(library.filters[name] for library in libraries if name in library.filters)


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
