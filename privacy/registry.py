"""What every app declared, and the tree that follows from it: which rows go with which."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import ForeignKey, Model
from django.utils.module_loading import autodiscover_modules

from privacy.declarations import Dataset, Expiry, NotPersonal
from privacy.policy import PROPOSALS, ROWS


@dataclass(frozen=True)
class Branch:
    """Rows that hang from another: `path` leads from them up to the row they follow."""

    dataset: Dataset
    path: str


@dataclass(frozen=True)
class Rule:
    """One deletion: these rows, when this expiry says so."""

    dataset: Dataset
    expiry: Expiry

    @property
    def key(self) -> str:
        return self.dataset.rule_key(self.expiry)


@dataclass(eq=False)
class Registry:
    datasets: dict[type[Model], Dataset] = field(default_factory=dict)
    not_personal: dict[type[Model], str] = field(default_factory=dict)

    def register(self, *declarations: Dataset | NotPersonal) -> None:
        for declared in declarations:
            if isinstance(declared, Dataset):
                self.datasets[declared.model] = declared
            else:
                self.not_personal[declared.model] = declared.why

    def rules(self) -> list[Rule]:
        """In the policy's order, the proposals after it; contacts, which wait for all the others, are last."""
        order = [row.key for row in (*ROWS, *PROPOSALS)]
        found = [Rule(dataset, expiry) for dataset in self.datasets.values() for expiry in dataset.expires]
        return sorted(found, key=lambda rule: order.index(rule.expiry.row))

    def branches(self, dataset: Dataset, path: str = "") -> Iterator[Branch]:
        """All that hangs from the dataset's rows, near or far, with the path that leads back up."""
        for child in self.datasets.values():
            for parent in child.parents():
                if parent.related_model is dataset.model and child.model is not dataset.model:
                    here = f"{parent.name}__{path}" if path else parent.name
                    yield Branch(child, here)
                    yield from self.branches(child, here)

    def ancestors(self, dataset: Dataset, path: str = "") -> Iterator[Branch]:
        """All that the dataset's rows hang from; `path` leads from them up to it."""
        for parent in dataset.parents():
            above = self.datasets.get(parent.related_model)
            if above is not None and above is not dataset:
                here = f"{path}__{parent.name}" if path else parent.name
                yield Branch(above, here)
                yield from self.ancestors(above, here)

    def links_within(self, dataset: Dataset) -> list[str]:
        """The foreign keys by which rows follow others of the same model, as a correction does what it strikes."""
        return [parent.name for parent in dataset.parents() if parent.related_model is dataset.model]

    def references(self, dataset: Dataset) -> Iterator["ForeignKey[Model, Model]"]:
        """The foreign keys that point at the dataset's rows from rows that do not hang from them."""
        for relation in dataset.model._meta.get_fields(include_hidden=True):
            key = getattr(relation, "field", None)
            if not isinstance(key, ForeignKey) or not relation.auto_created or key.model is dataset.model:
                continue
            declared = self.datasets.get(key.model)
            if declared is None or key.name not in declared.follows:
                yield key


registry = Registry()
register = registry.register


def discover() -> None:
    autodiscover_modules("personal_data")
