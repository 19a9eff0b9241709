"""
Erasure (GDPR article 17). What is about the person alone goes, with all that hangs from it and its files. Where
somebody else is in a row too, it stays theirs: the person is cut from it and their own fields are emptied. What
article 17(3) keeps is told with its ground: what a law makes us keep (invoices), and what a legal hold freezes. A mere
interest of ours is no ground, so that proofs of consent go too: the journal outside the database goes on proving, by
a keyed hash, that a consent was withdrawn.

Texts that stay because they are in somebody else's row, or that name the person in a row without them, are listed for
the DPO, who says which of them go as well.
"""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Field, Model, Q

from privacy import ledger, outbox
from privacy.addresses import addresses_of
from privacy.declarations import WHOLE_ROW, Category, Dataset
from privacy.models import Erasure, HoldItem, Restriction, RightsRequest
from privacy.registry import Registry
from privacy.registry import registry as declared
from privacy.retention import deletion, files
from privacy.retention.blocks import has_number, held, items
from privacy.retention.deletion import append_only_lets_go
from privacy.rights import naming, workflow
from privacy.rights.readers import is_address
from privacy.rights.workflow import RequestError
from privacy.subjects import declared_person

logger = logging.getLogger(__name__)

LEGAL_CLAIMS = "legal_claims"  # the ground of what a legal hold freezes

Effect = Callable[..., object]
effects: list[Effect] = []


def on_erasure(effect: Effect) -> None:
    """``effect(person, by=…, now=…)`` does what declarations cannot say, first and in the same transaction."""
    effects.append(effect)


farewells: list[Effect] = []


def on_farewell(effect: Effect) -> None:
    """
    ``effect(request, to=…, by=…, now=…)`` tells who was erased, in the same transaction: `to` is where they were
    reached, and nowhere any more.
    """
    farewells.append(effect)


class StillRestricted(RequestError):
    def __init__(self) -> None:
        super().__init__("Une limitation est en cours\N{NO-BREAK SPACE}: rien ne s’efface avant sa levée.")


class StillAsked(RequestError):
    def __init__(self, request: RightsRequest) -> None:
        super().__init__(
            f"La demande {request.reference} est en cours et porte sur ces données\N{NO-BREAK SPACE}: "
            "répondez-y d’abord."
        )


@dataclass(frozen=True)
class Chosen:
    """A row whose text goes too, though it is not the person's: as the DPO decided."""

    model: str
    pk: int


@dataclass
class Part:
    """What becomes of a dataset's rows. `kept`: by ground of article 17(3)."""

    dataset: Dataset
    erased: int = 0
    cut: int = 0
    kept: Counter[str] = field(default_factory=Counter)


@dataclass
class Plan:
    parts: list[Part] = field(default_factory=list)
    files: int = 0
    texts: list[naming.Text] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)

    @property
    def changes(self) -> bool:
        return any(part.erased or part.cut for part in self.parts)

    @property
    def is_held(self) -> bool:
        return any(part.kept[LEGAL_CLAIMS] for part in self.parts)

    def counts(self) -> dict[str, int]:
        """For the history: numbers by model, and by ground of what was kept."""
        found: Counter[str] = Counter()
        for part in self.parts:
            found["erased"] += part.erased
            found["cut"] += part.cut
            found.update({f"kept_{ground}": number for ground, number in part.kept.items()})
        return dict(+found) | {"files": self.files}


# The plan -------------------------------------------------------------------------------------------------------------


class RolledBack(Exception):
    """Ends a dry run: it has really run, so its counts are the true ones."""


def plan(request: RightsRequest, *, now: datetime, texts: Iterable[Chosen] = ()) -> Plan:
    """What an execution would do now, and what stands in its way. Nothing is changed."""
    if request.person is None:
        return Plan()
    found = dry_run(people_of(request.person, request), scope=request.scope, texts=texts, now=now)
    found.obstacles = [str(obstacle) for obstacle in obstacles(request.person, request)]
    return found


def plan_for(person: Model, *, now: datetime) -> Plan:
    """The same, without a request."""
    found = dry_run(people_of(person), texts=(), now=now)
    found.obstacles = [str(obstacle) for obstacle in obstacles(person)]
    return found


def dry_run(people: list[int], *, scope: Collection[str] = (), texts: Iterable[Chosen], now: datetime) -> Plan:
    try:
        with transaction.atomic():
            found = carry_out(people, scope=scope, texts=texts, by=None, now=now, review=True)
            raise RolledBack
    except RolledBack:
        return found


def people_of(person: Model, request: RightsRequest | None = None, *, registry: Registry = declared) -> list[int]:
    """The numbers of all records of this person: those merged, and those that the DPO recognised."""
    rows = type(person)._base_manager
    links = registry.links_within(registry.datasets[type(person)])
    found = {person.pk}
    if request is not None:
        found.update(request.matched_records.values_list("person", flat=True))
    newest = found
    while newest:
        above = {pk for link in links for pk in rows.filter(pk__in=newest).values_list(link, flat=True) if pk}
        below = {pk for link in links for pk in rows.filter(**{f"{link}__in": newest}).values_list("pk", flat=True)}
        newest = (above | below) - found
        found = found | newest
    return sorted(found)


def obstacles(person: Model, request: RightsRequest | None = None) -> list[RequestError]:
    """A restriction, and another request that is not executed yet, come first (`retention.md`: 3, 4, then 5)."""
    people = people_of(person, request)
    found: list[RequestError] = []
    restricted = Restriction.objects.active().filter(person__in=people)
    if request is not None and request.right == RightsRequest.Right.POST_MORTEM:
        restricted = restricted.exclude(reason=Restriction.Reason.DEATH)  # it awaited this
    if restricted.exists():
        found.append(StillRestricted())
    others = RightsRequest.objects.open().filter(person__in=people, executed_at=None)
    others = others.exclude(outcome=RightsRequest.Outcome.REFUSED)
    if request is not None:
        others = others.exclude(pk=request.pk)
    return found + [StillAsked(other) for other in others.order_by("pk")]


# The execution --------------------------------------------------------------------------------------------------------


def execute(
    request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime, texts: Iterable[Chosen] = ()
) -> dict[str, int]:
    """
    Erase. Killed in the middle, it goes on by itself (`go_on_all`), or by calling this again.

    Raises RequestError for what was not granted, StillRestricted and StillAsked.
    """
    return go_on(begin_request(request, texts=texts, by=by, now=now), now=now)


def erase(person: Model, *, by: AbstractBaseUser | None, now: datetime) -> dict[str, int]:
    """Without a request: by the operator. Raises StillRestricted and StillAsked."""
    begun = Erasure.objects.filter(subjects__contains=[person.pk]).first()
    return go_on(begun or begin(person, request=None, texts=(), by=by, now=now), now=now)


@transaction.atomic
def begin_request(
    request: RightsRequest, *, texts: Iterable[Chosen], by: AbstractBaseUser | None, now: datetime
) -> Erasure:
    """Or the one that was begun: two at once begin one."""
    current = workflow.locked(request)
    workflow.check_granted(current)
    begun = Erasure.objects.filter(request=current).first()
    if begun is not None:
        return begun
    if current.person is None:
        raise RequestError("La personne est déjà effacée.")
    return begin(current.person, request=current, texts=texts, by=by, now=now)


@transaction.atomic
def begin(
    person: Model,
    *,
    request: RightsRequest | None,
    texts: Iterable[Chosen],
    by: AbstractBaseUser | None,
    now: datetime,
) -> Erasure:
    for obstacle in obstacles(person, request):
        raise obstacle
    return Erasure.objects.create(
        request=request,
        subjects=people_of(person, request),
        begun_by_id=by.pk if by else None,
        begun_at=now,
        texts=[[chosen.model, chosen.pk] for chosen in texts],
    )


def go_on_all(*, now: datetime) -> int:
    """What was interrupted, and what waits for the end of a legal hold. Returns how many are over now."""
    waiting = Erasure.objects.exclude(subjects=[]).order_by("pk")
    for erasure in waiting:
        try:
            go_on(erasure, now=now)
        except Exception as error:  # noqa: BLE001  (whatever ails this one, the others' turn has come)
            logger.error("erasure not carried out", extra={"erasure": erasure.pk, "error": type(error).__name__})
    return len(waiting) - Erasure.objects.exclude(subjects=[]).count()


def erase_again(person: Model, *, purpose: str, how: str, at: datetime) -> None:
    """
    What the ledger tells, once more in a restored database: nothing stands in its way this time. `purpose` is the
    dataset that was erased, where it was not all of them.
    """
    people = people_of(person)
    if purpose:
        carry_out(people, scope=[purpose], texts=(), by=None, now=at)
        return
    begun = Erasure.objects.filter(subjects__overlap=people).first()
    go_on(begun or Erasure.objects.create(subjects=people, begun_at=at), now=at)


def empty_again(row: Model, *, purpose: str, how: str, at: datetime) -> None:
    parts = {row._meta.label: Part(declared.datasets[type(row)])}
    empty_text(Chosen(row._meta.label, row.pk), parts, Plan(), registry=declared, now=at)


@transaction.atomic
def go_on(erasure: Erasure, *, now: datetime) -> dict[str, int]:
    """One transaction, with the journal outside the database; files after it. Once over, it changes nothing."""
    erasure = Erasure.objects.select_for_update(of=("self",)).select_related("request", "begun_by").get(pk=erasure.pk)
    if not erasure.subjects:
        return dict(erasure.counts)
    scope = erasure.request.scope if erasure.request else []
    chosen = [Chosen(model, pk) for model, pk in erasure.texts]
    people = list(declared_person()._base_manager.filter(pk__in=erasure.subjects))
    said = [erasure.request.reply_to] if erasure.request and is_address(erasure.request.reply_to) else []
    addresses = [*said, *(to for person in people for to in addresses_of(person))]
    done = carry_out(erasure.subjects, scope=scope, texts=chosen, by=erasure.begun_by, now=now)
    if erasure.erased_at is None:
        erasure.erased_at, erasure.counts = now, done.counts()
        if erasure.request is not None:
            workflow.note_executed(erasure.request, by=erasure.begun_by, now=now, **erasure.counts)
            for farewell in farewells if addresses and not scope else []:
                farewell(erasure.request, to=addresses[0], by=erasure.begun_by, now=now)
    erasure.subjects = erasure.subjects if done.is_held else []
    erasure.save(update_fields=["erased_at", "counts", "subjects"])
    transaction.on_commit(files.remove_queued)
    if done.changes:
        for row in chosen_rows(chosen):
            ledger.note(ledger.TEXT, row, now=now)
        for person in people:
            for name in scope or [""]:
                ledger.note(ledger.ERASURE, person, purpose=name, now=now)
    return dict(erasure.counts)


def carry_out(
    people: list[int],
    *,
    scope: Collection[str] = (),
    texts: Iterable[Chosen],
    by: AbstractBaseUser | None,
    now: datetime,
    review: bool = False,
    registry: Registry = declared,
) -> Plan:
    """
    Erase these records of one person, or of what is about them only the datasets of the `scope`, by name. To be called
    in a transaction. Once more, it changes nothing.
    """
    subject = registry.datasets[declared_person()]
    records = subject.model._base_manager.filter(pk__in=people)
    done = Plan()
    parts = {dataset.name: Part(dataset) for dataset in registry.datasets.values()}
    known = naming.known_by(subject, people, registry=registry)
    meant = [
        dataset
        for dataset in registry.datasets.values()
        if dataset.subjects and dataset is not subject and (not scope or dataset.name in scope)
    ]
    for person in records.order_by("pk").select_for_update(of=("self",)):
        # What is kept while something refers to it, as a login is, only its app can empty.
        for effect in effects if any(dataset.kept_while_referenced for dataset in meant) else []:
            effect(person, by=by, now=now)
    fates = [Fate.of(dataset, people, registry=registry) for dataset in meant]
    for fate in fates:
        part = parts[fate.dataset.name]
        part.cut += cut(fate, people, known)
        part.kept.update(fate.kept)
    for fate in fates:
        if fate.gone:
            tell(parts, done, deletion.delete(fate.dataset, fate.gone, registry=registry, now=now))
    for chosen in texts:
        empty_text(chosen, parts, done, registry=registry, now=now)
    if not scope:
        referenced = Q(pk__in=[])
        for key in registry.references(subject):
            referenced |= Q(pk__in=key.model._base_manager.filter(**{f"{key.name}__in": people}).values(key.name))
        parts[subject.name].kept[LEGAL_CLAIMS] += records.filter(referenced).count()
        gone = list(records.exclude(referenced).values_list("pk", flat=True))
        tell(parts, done, deletion.delete(subject, gone, registry=registry, now=now))
        outbox.forget(known.addresses)
    if review:
        done.texts = naming.to_review([(fate.dataset, fate.shared) for fate in fates], known, registry=registry)
    done.parts = [part for part in parts.values() if part.erased or part.cut or +part.kept]
    return done


def tell(parts: dict[str, Part], done: Plan, taken: deletion.Taken) -> None:
    for name, number in taken.counts.items():
        parts[name].erased += number
    done.files += taken.files


# Each dataset ---------------------------------------------------------------------------------------------------------


@dataclass
class Fate:
    """What is to become of a dataset's rows about the person, by their numbers."""

    dataset: Dataset
    by_role: dict[str, set[Any]]
    gone: list[Any] = field(default_factory=list)
    shared: set[Any] = field(default_factory=set)
    cut: set[Any] = field(default_factory=set)
    kept: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, dataset: Dataset, people: Collection[int], *, registry: Registry) -> "Fate":
        rows = dataset.model._base_manager
        by_role = {
            role: set(rows.filter(**{f"{path}__in": people}).values_list("pk", flat=True))
            for role, path in dataset.subjects.items()
        }
        mine = set().union(*by_role.values())
        fate = cls(dataset, by_role)
        if not mine:
            return fate
        list(rows.filter(pk__any=sorted(mine)).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
        frozen = set()
        if has_number(dataset) and HoldItem.objects.active().exists():
            of_a_hold = rows.filter(items(dataset, held, registry=registry), pk__any=sorted(mine))
            frozen = set(of_a_hold.values_list("pk", flat=True))
            fate.kept[LEGAL_CLAIMS] = len(frozen)
        mine -= frozen
        if dataset.on_erasure is not None:
            fate.cut = mine
            if dataset.on_erasure.ground:
                fate.kept[dataset.on_erasure.ground] = len(mine)
            return fate
        wholly = set().union(*(pks for role, pks in by_role.items() if dataset.own.get(role) == WHOLE_ROW))
        fate.shared = with_others(dataset, mine, people, registry=registry) - wholly
        fate.cut = fate.shared
        fate.gone = sorted(mine - fate.shared)
        return fate


def with_others(dataset: Dataset, mine: set[Any], people: Collection[int], *, registry: Registry) -> set[Any]:
    """Those that somebody else is in too, or has something that hangs from them."""
    rows = dataset.model._base_manager.filter(pk__any=sorted(mine))
    found = set(rows.filter(somebody_but(dataset, people)).values_list("pk", flat=True))
    for branch in registry.branches(dataset):
        if branch.dataset.subjects:
            beneath = branch.dataset.model._base_manager.filter(**{f"{branch.path}__any": sorted(mine)})
            beneath = beneath.filter(somebody_but(branch.dataset, people))
            found.update(beneath.values_list(branch.path, flat=True))
    return found


def somebody_but(dataset: Dataset, people: Collection[int]) -> Q:
    found = Q(pk__in=[])
    for path in dataset.subjects.values():
        found |= Q(**{f"{path}__isnull": False}) & ~Q(**{f"{path}__in": people})
    return found


def cut(fate: Fate, people: Collection[int], known: naming.Known) -> int:
    """Take the person out of rows that stay: their link, their own fields, their numbers. Returns of how many."""
    rows, touched = fate.dataset.model._base_manager, set()
    for role, path in fate.dataset.subjects.items():
        pks = sorted(fate.cut & fate.by_role[role])
        if not pks:
            continue
        changes: dict[str, Any] = {name: emptied(fate.dataset, name) for name in fate.dataset.own.get(role, "").split()}
        if "__" not in path:
            changes[path] = None
        if changes:
            touched.update(pks)
            with append_only_lets_go():
                rows.filter(pk__any=pks).update(**changes)
    if fate.dataset.on_erasure is not None:
        for name, value in fate.dataset.on_erasure.emptied.items():
            rows.filter(pk__any=sorted(fate.cut)).exclude(**{name: ""}).update(**{name: value})
    nobody = Q(**dict.fromkeys(fate.dataset.subjects.values()))
    for name in naming.short_fields(fate.dataset, Category.CONTACT):
        theirs = rows.filter(nobody | Q(pk__any=sorted(fate.cut)), **{f"{name}__in": sorted(known.addresses)})
        touched.update(theirs.values_list("pk", flat=True))
        theirs.update(**{name: ""})
    return len(touched)


def emptied(dataset: Dataset, name: str) -> Any:
    found = dataset.model._meta.get_field(name)
    assert isinstance(found, Field)
    if found.null:
        return None
    return found.get_default() if found.has_default() else ""


# Texts that the DPO chose -------------------------------------------------------------------------------------------


def chosen_rows(texts: Iterable[Chosen], *, registry: Registry = declared) -> list[Model]:
    models = {dataset.name: dataset.model for dataset in registry.datasets.values()}
    return [models[chosen.model](pk=chosen.pk) for chosen in texts]


def empty_text(chosen: Chosen, parts: dict[str, Part], done: Plan, *, registry: Registry, now: datetime) -> None:
    """A line that only hangs from something goes whole; a row of its own is left without its texts."""
    dataset = parts[chosen.model].dataset
    rows = dataset.model._base_manager.filter(pk=chosen.pk).exclude(items(dataset, held, registry=registry))
    if not rows.exists():
        return
    if dataset.files or all("__" in path for path in dataset.subjects.values()):
        tell(parts, done, deletion.delete(dataset, [chosen.pk], registry=registry, now=now))
        return
    texts = [name for name in dataset.personal_fields if dataset.is_free_text(name)]
    parts[chosen.model].cut += rows.update(**{name: emptied(dataset, name) for name in texts})
