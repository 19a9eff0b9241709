"""What is kept of a person, in fields to correct: on the portal, at the desk, on the DPO's page of a request."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from django import forms

from privacy.rights.rectification import Value


class ProposalForm(forms.Form):
    """A field for each value of today; what was changed in it is proposed."""

    def __init__(self, data: Any, values: Iterable[Value]) -> None:
        self.values = list(values)
        super().__init__(data)
        for value in self.values:
            self.fields[value.key] = value.form_field()

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Its fields, a group for each row, under the name of what it is of; and of which, where there are several."""
        rows = [(row, list(values)) for row, values in groupby(self.values, key=lambda value: value.row)]
        several = Counter(type(row) for row, _values in rows)
        return [
            (
                f"{values[0].dataset.label}, {row}" if several[type(row)] > 1 else values[0].dataset.label,
                [self[value.key] for value in values],
            )
            for row, values in rows
        ]

    def changes(self) -> dict[str, Any]:
        """As `rectification.propose` takes them."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
