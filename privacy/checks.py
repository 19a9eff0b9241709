"""
`manage.py check` refuses to start while anything about personal data is undecided. Each message says what to write.

E001 undeclared model · E002 undecided field · E003 clock that may be null · E004 relation into a purged model not
decided · E005 file left behind · E006 field that outlives its key · E007 policy row enforced by nothing · E008 period
written elsewhere than in policy.py · E009 erasure that could not be carried out · E010 file that
nobody could be given a copy of.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db.models import DateField, FileField, ForeignKey, Model

from privacy.declarations import WHOLE_ROW, Dataset, concrete_fields, foreign_key
from privacy.policy import ROWS, ROWS_BY_KEY
from privacy.registry import Registry, registry
from privacy.retention.due import field_at


@register("privacy")
def check_declarations(app_configs: Any = None, **kwargs: Any) -> list[CheckMessage]:
    models = apps.get_models(include_auto_created=True)
    return [*check_registry(registry, models), *check_periods(Path(folder) for folder in settings.PRIVACY_SOURCES)]


def check_registry(registry: Registry, models: Iterable[type[Model]]) -> list[CheckMessage]:
    """All the checks on declarations, for any registry and the models it should cover."""
    found: list[CheckMessage] = [*undeclared(registry, models)]
    for dataset in registry.datasets.values():
        found += undecided_fields(dataset)
        found += clocks_that_may_be_null(dataset)
        found += undecided_relations(dataset.model, (*dataset.follows, *dataset.detaches), registry)
        found += files_left_behind(dataset, registry)
        found += files_nobody_can_read(dataset)
        found += fields_that_outlive_their_key(dataset, registry)
        found += erasures_that_fail(dataset, registry)
    for model in registry.not_personal:
        found += undecided_relations(model, (), registry)
    return [*found, *rows_enforced_by_nothing(registry)]


def undeclared(registry: Registry, models: Iterable[type[Model]]) -> Iterator[Error]:
    for model in models:
        if model._meta.proxy or not model._meta.managed:
            continue
        if model not in registry.datasets and model not in registry.not_personal:
            yield Error(
                f"{model._meta.label} n’est pas déclaré.",
                hint=f"Écrivez un Dataset({model.__name__}, …) ou un NotPersonal({model.__name__}, pourquoi) "
                "dans le personal_data.py de son application.",
                obj=model,
                id="privacy.E001",
            )


def undecided_fields(dataset: Dataset) -> Iterator[Error]:
    decided = {*dataset.personal_fields, *dataset.not_personal}
    present = {field.name for field in concrete_fields(dataset.model)}
    for name in sorted(present - decided):
        yield Error(
            f"{dataset.name}.{name}\N{NO-BREAK SPACE}: personne n’a décidé si ce champ est personnel.",
            hint="Ajoutez-le à un Data(catégorie, finalité, …) du Dataset, ou à not_personal.",
            obj=dataset.model,
            id="privacy.E002",
        )
    for name in sorted(decided - present):
        yield Error(
            f"{dataset.name}.{name} est déclaré mais n’existe pas.",
            hint="Retirez-le de la déclaration.",
            obj=dataset.model,
            id="privacy.E002",
        )


def clocks_that_may_be_null(dataset: Dataset) -> Iterator[Error]:
    for expiry in dataset.expires:
        clock = field_at(dataset.model, expiry.clock)
        assert isinstance(clock, DateField), f"{dataset.name}.{expiry.clock} is not a date"
        decided = expiry.while_null or any(not parent.null for parent in dataset.parents())
        sure = expiry.fallback and not may_be_null(dataset.model, expiry.fallback)
        if may_be_null(dataset.model, expiry.clock) and not (sure or decided):
            yield Error(
                f"{dataset.name}\N{NO-BREAK SPACE}: l’horloge {expiry.clock} peut rester vide, ces lignes resteraient.",
                hint="Donnez à l’Expiry un fallback jamais vide, un parent dans follows, ou dites dans while_null "
                "pourquoi cela dure.",
                obj=dataset.model,
                id="privacy.E003",
            )


def may_be_null(model: type[Model], path: str) -> bool:
    """Whether the field at the end of the path, or any relation on the way there, may be empty."""
    first, _, rest = path.partition("__")
    field = model._meta.get_field(first)
    if not rest:
        return bool(field.null)
    to_many_or_back = field.auto_created
    return bool(to_many_or_back or field.null or may_be_null(field.related_model, rest))  # type: ignore[arg-type]


def undecided_relations(model: type[Model], decided: Iterable[str], registry: Registry) -> Iterator[Error]:
    """A foreign key into rows that the purge deletes: either it follows, or it is cut, or the row keeps its target."""
    for field in concrete_fields(model):
        if not isinstance(field, ForeignKey) or field.name in decided:
            continue
        target = registry.datasets.get(field.related_model)
        if target is not None and is_purged(target, registry) and not target.kept_while_referenced:
            yield Error(
                f"{model._meta.label}.{field.name} mène à {target.name}, que la purge supprime.",
                hint=f"Ajoutez « {field.name} » à follows (la ligne part avec) ou à detaches (le lien est coupé).",
                obj=model,
                id="privacy.E004",
            )


def is_purged(dataset: Dataset, registry: Registry) -> bool:
    return bool(dataset.expires) or any(above.dataset.expires for above in registry.ancestors(dataset))


def files_left_behind(dataset: Dataset, registry: Registry) -> Iterator[Error]:
    for field in concrete_fields(dataset.model):
        if isinstance(field, FileField) and is_purged(dataset, registry) and field.name not in dataset.files:
            yield Error(
                f"{dataset.name}.{field.name}\N{NO-BREAK SPACE}: le fichier resterait après sa ligne.",
                hint=f"Ajoutez « {field.name} » à files.",
                obj=dataset.model,
                id="privacy.E005",
            )


def files_nobody_can_read(dataset: Dataset) -> Iterator[Error]:
    for name in (name for data in dataset.data if not data.technical for name in data.fields):
        is_file = name in dataset.files  # decided, or E005 says so
        if is_file and dataset.subjects and name not in dataset.reads:
            yield Error(
                f"{dataset.name}.{name}\N{NO-BREAK SPACE}: une personne n’en recevrait pas de copie.",
                hint=f"Dites dans reads comment « {name} » se lit, ou déclarez-le technical.",
                obj=dataset.model,
                id="privacy.E010",
            )


def fields_that_outlive_their_key(dataset: Dataset, registry: Registry) -> Iterator[Error]:
    """
    A person's rows are found through their paths. A path that is cut, or that leads through rows which go before
    these do, would leave personal data that nobody finds again.
    """
    if not dataset.personal_fields:
        return
    for role, path in dataset.subjects.items():
        first = path.split("__")[0]
        if first == "self" or first in dataset.follows:
            continue
        field = dataset.model._meta.get_field(first)
        if not isinstance(field, ForeignKey):
            continue
        target = registry.datasets.get(field.related_model)
        stays = target is None or target.kept_while_referenced or not is_purged(target, registry)
        if first in dataset.detaches or not stays:
            yield Error(
                f"{dataset.name}\N{NO-BREAK SPACE}: ses champs survivent à « {path} », qui mène à {role}.",
                hint="Donnez-lui son propre lien vers la personne, ou faites-le partir avec ce lien (follows).",
                obj=dataset.model,
                id="privacy.E006",
            )


def erasures_that_fail(dataset: Dataset, registry: Registry) -> Iterator[Error]:
    """A person must be cut from the rows that stay, and what stays must not hang from what goes."""
    present = {field.name for field in concrete_fields(dataset.model)}
    shared = {role: path for role, path in dataset.subjects.items() if dataset.own.get(role) != WHOLE_ROW}
    links = [path for path in shared.values() if path in present]
    stays = dataset.on_erasure is not None
    for path in links if stays or len(dataset.subjects) > 1 else []:
        if not foreign_key(dataset.model, path).null and path not in dataset.follows:
            yield Error(
                f"{dataset.name}.{path}\N{NO-BREAK SPACE}: qui est effacé doit pouvoir en être retiré.",
                hint="Faites-en une clé étrangère qui peut rester vide.",
                obj=dataset.model,
                id="privacy.E009",
            )
    for parent in dataset.parents() if stays else []:
        above = registry.datasets.get(parent.related_model)
        if above is not None and above.on_erasure is None:
            yield Error(
                f"{dataset.name} survit à un effacement, mais pas {above.name}, dont il dépend.",
                hint=f"Donnez un on_erasure à {above.name}, ou retirez celui de {dataset.name}.",
                obj=dataset.model,
                id="privacy.E009",
            )
    own = {name for fields in dataset.own.values() for name in fields.split()} - {WHOLE_ROW}
    for name in sorted({*dataset.own} - {*dataset.subjects}) + sorted(own - present):
        yield Error(
            f"{dataset.name}\N{NO-BREAK SPACE}: « {name} », dans own, n’est ni un rôle ni un champ.",
            hint="Corrigez own.",
            obj=dataset.model,
            id="privacy.E009",
        )


def rows_enforced_by_nothing(registry: Registry) -> Iterator[Error]:
    enforced = {key for rule in registry.rules() for key in (rule.expiry.row, *rule.expiry.also)}
    for row in ROWS:
        if row.key not in enforced:
            yield Error(
                f"La politique promet « {row.label} » et rien ne l’applique.",
                hint=f'Déclarez un Expiry(row="{row.key}", …) sur les données concernées.',
                id="privacy.E007",
            )
    for key in sorted(enforced - set(ROWS_BY_KEY)):
        yield Error(f"« {key} » n’est pas une ligne de la politique.", hint="Voyez policy.py.", id="privacy.E007")


def check_periods(folders: Iterable[Path]) -> list[CheckMessage]:
    """Months and years are written in policy.py alone; elsewhere they would say something else one day."""
    found: list[CheckMessage] = []
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if path.parts[-2:] == ("privacy", "policy.py") or {"migrations", "demo"} & set(path.parts):
                continue
            for line in periods_in(path.read_text()):
                found.append(
                    Error(
                        f"{path.name}, ligne {line}\N{NO-BREAK SPACE}: une durée en mois ou en années est écrite ici.",
                        hint="Écrivez-la dans privacy/policy.py, et importez-la.",
                        id="privacy.E008",
                    )
                )
    return found


def periods_in(source: str) -> Iterator[int]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in ("months", "years") and is_a_number(keyword.value):
                    yield node.lineno


def is_a_number(value: ast.expr) -> bool:
    """3, -3 or 2 * 12: no name in it."""
    return not any(isinstance(part, ast.Name) for part in ast.walk(value))
