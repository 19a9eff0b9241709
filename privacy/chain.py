"""Rows that each carry the hash of the one before: what was edited, removed, inserted or moved shows."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, TypeVar

from django.db import models, transaction

from privacy.locks import only_one


class Link(models.Model):
    """A row of a chain. The order of the chain is that of the primary key."""

    previous_hash = models.CharField("empreinte précédente", max_length=64, blank=True)
    hash = models.CharField("empreinte", max_length=64)

    class Meta:
        abstract = True

    def sealed(self) -> list[Any]:
        """What the hash stands for: plain values, the same before and after a journey through the database."""
        raise NotImplementedError


L = TypeVar("L", bound=Link)


def digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def digest_of(link: Link) -> str:
    return digest([link.previous_hash, *link.sealed()])


@transaction.atomic
def append(link: L) -> L:
    """Save `link` at the end of its chain. Two at once wait for each other, so that each has one successor."""
    only_one(link._meta.label)
    last = type(link)._base_manager.order_by("-pk").first()
    link.previous_hash = last.hash if last else ""
    link.hash = digest_of(link)
    link.save(force_insert=True)
    return link


def broken_links(model: type[Link]) -> Iterator[str]:
    """What is wrong with the chain, a line each, in French; nothing when every link is as it was sealed."""
    previous = ""
    for link in model._base_manager.order_by("pk").iterator():
        name = f"{model._meta.verbose_name} {link.pk}".capitalize()
        if link.previous_hash != previous:
            yield f"{name} : il ne suit pas celui qui le précède (retiré, inséré ou déplacé)."
        if link.hash != digest_of(link):
            yield f"{name} : son contenu a changé depuis qu’il a été scellé."
        previous = link.hash
