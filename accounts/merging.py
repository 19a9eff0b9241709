"""Two records of one person become one. Everything follows; for 24 hours it can be put back."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, ForeignObjectRel

from accounts.models import MERGE_UNDO_WINDOW, Person, PersonMerge, Phone, User
from privacy import journal
from privacy.append_only import moving_people
from privacy.restriction import refuse_if_restricted


class CannotMerge(Exception):
    """The message says why, in French, for the agent."""


class CannotUndo(Exception):
    """The message says why, in French, for the agent."""


def relations_to_people() -> Iterator[ForeignKey]:
    """Every foreign key of any app that points at a person: a new model's follows without being named here."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel):
            field = relation.field
            if isinstance(field, ForeignKey) and field.model not in (PersonMerge, Person):
                yield field


def move_relations(absorbed: Person, *, to: Person) -> dict[str, list[int]]:
    """Point all that points at `absorbed` at another. Returns the ids that moved, by field. Raises CannotMerge."""
    moved: dict[str, list[int]] = {}
    for field in relations_to_people():
        rows = field.model._base_manager.filter(**{field.name: absorbed})
        if field.model is Phone:
            rows = rows.exclude(number__in=to.phones.values("number"))
        ids = list(rows.values_list("pk", flat=True))
        if ids:
            try:
                with transaction.atomic(), moving_people():
                    field.model._base_manager.filter(pk__in=ids).update(**{field.name: to})
            except IntegrityError as error:
                raise CannotMerge("Un dossier distingue ces deux personnes : l’une y parle pour l’autre.") from error
            moved[f"{field.model._meta.label}.{field.name}"] = ids
    return moved


COMPLETED = ("title", "given_name", "email")


def complete(kept: Person, *, of: Person) -> tuple[list[str], list[str]]:
    """Give `kept` what it does not say: the blanks of COMPLETED, and assistance. Returns these fields and codes."""
    fields = [name for name in COMPLETED if getattr(of, name) and not getattr(kept, name)]
    for name in fields:
        setattr(kept, name, getattr(of, name))
    codes = [code for code in of.assistance if code not in kept.assistance]
    kept.assistance = [*kept.assistance, *codes]
    kept.save(update_fields=[*fields, "assistance"])
    return fields, codes


def take_back(kept: Person, *, of: Person, fields: list[str], codes: list[str]) -> None:
    """The other way round; what was changed since stays."""
    for name in fields:
        if getattr(kept, name) == getattr(of, name):
            setattr(kept, name, "")
    kept.assistance = [code for code in kept.assistance if code not in codes]
    kept.save(update_fields=[*fields, "assistance"])


@transaction.atomic
def merge_people(kept: Person, absorbed: Person, *, by: User, now: datetime) -> PersonMerge:
    """
    Move all that points at `absorbed` to `kept`, complete `kept` with what only `absorbed` said, and hide `absorbed`.

    Raises CannotMerge for one and the same record, a record already merged, or two logins; Restricted.
    """
    locked = Person.objects.select_for_update(of=("self",)).in_bulk(sorted([kept.pk, absorbed.pk]))
    if len(locked) < 2:
        raise CannotMerge("Choisissez deux fiches différentes, qui existent encore.")
    kept, absorbed = locked[kept.pk], locked[absorbed.pk]
    refuse_if_restricted(kept, absorbed)
    if kept.merged_into_id or absorbed.merged_into_id:
        raise CannotMerge("L’une des deux fiches a déjà été fusionnée.")
    if User.objects.filter(person__in=[kept, absorbed]).count() == 2:
        raise CannotMerge("Les deux fiches ont chacune un compte de connexion : fermez-en un d’abord.")
    if PersonMerge.objects.filter(kept=absorbed).exists():
        raise CannotMerge("La fiche à fusionner en a elle-même absorbé une il y a moins de 24 heures.")

    moved = move_relations(absorbed, to=kept)
    absorbed.merged_into = kept
    absorbed.save(update_fields=["merged_into"])
    completed, added_assistance = complete(kept, of=absorbed)
    merge = PersonMerge.objects.create(
        kept=kept,
        absorbed=absorbed,
        merged_at=now,
        merged_by=by,
        moved=moved,
        completed=completed,
        added_assistance=added_assistance,
    )
    journal.record(
        kept,
        action="merge",
        by=by,
        now=now,
        absorbed=absorbed.pk,
        moved={name: len(ids) for name, ids in moved.items()},
    )
    return merge


@transaction.atomic
def undo_merge(merge: PersonMerge, *, by: User, now: datetime) -> Person:
    """
    Put back what the merge moved, and show the absorbed record again. What came later stays with the kept one.

    Raises CannotUndo after 24 hours, or when it was undone already; Restricted.
    """
    found = PersonMerge.objects.select_for_update(of=("self",)).select_related("absorbed").filter(pk=merge.pk).first()
    if found is None:
        raise CannotUndo("Cette fusion a déjà été annulée.")
    if now > found.undoable_until:
        raise CannotUndo("Une fusion ne s’annule que pendant 24 heures.")
    refuse_if_restricted(found.kept_id, found.absorbed_id)
    for name, ids in found.moved.items():
        label, field_name = name.rsplit(".", 1)
        model = apps.get_model(label)
        rows = model._base_manager.filter(pk__in=ids, **{field_name: found.kept_id})
        with moving_people():
            rows.update(**{field_name: found.absorbed_id})
    absorbed = found.absorbed
    kept = Person.objects.select_for_update(of=("self",)).get(pk=found.kept_id)
    take_back(kept, of=absorbed, fields=found.completed, codes=found.added_assistance)
    absorbed.merged_into = None
    absorbed.save(update_fields=["merged_into"])
    journal.record(absorbed, action="undo_merge", by=by, now=now, kept=found.kept_id)
    found.delete()
    return absorbed


def forget_absorbed_people(*, now: datetime) -> int:
    """
    Delete the absorbed records that can no longer be put back. Returns how many.

    What a stale form still tied to one of them since follows first; one that cannot follow keeps its record.
    """
    forgotten = 0
    for merge in PersonMerge.objects.filter(merged_at__lt=now - MERGE_UNDO_WINDOW).select_related("kept", "absorbed"):
        with suppress(CannotMerge), transaction.atomic():
            move_relations(merge.absorbed, to=merge.kept)
            merge.absorbed.delete()
            forgotten += 1
    return forgotten
