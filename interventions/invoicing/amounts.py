"""What lines come to: rounded line by line, then rate by rate (EN 16931, BR-CO-10 to BR-CO-17)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from interventions.models.billing import to_the_cent

NOTHING = Decimal("0.00")


class Line(Protocol):
    """Of a draft, an estimate or an invoice. `amount` in euros before tax, `vat_percent` of that."""

    vat: str

    @property
    def vat_percent(self) -> Decimal: ...

    @property
    def amount(self) -> Decimal: ...


@dataclass(frozen=True)
class RateTotal:
    """Of all lines at one rate, in euros. `rounding` is what the last of several credit notes makes up for."""

    vat: str
    percent: Decimal
    net: Decimal
    rounding: Decimal = NOTHING

    @property
    def tax(self) -> Decimal:
        return to_the_cent(self.net * self.percent / 100) + self.rounding


@dataclass(frozen=True)
class Totals:
    """In euros."""

    by_rate: list[RateTotal]

    @property
    def net(self) -> Decimal:
        return sum((rate.net for rate in self.by_rate), NOTHING)

    @property
    def tax(self) -> Decimal:
        return sum((rate.tax for rate in self.by_rate), NOTHING)

    @property
    def total(self) -> Decimal:
        return self.net + self.tax


def totals(lines: Iterable[Line]) -> Totals:
    """The highest rate first."""
    nets: dict[tuple[str, Decimal], Decimal] = defaultdict(lambda: NOTHING)
    for line in lines:
        nets[line.vat, line.vat_percent] += line.amount
    ordered = sorted(nets.items(), key=lambda item: (-item[0][1], item[0][0]))
    return Totals([RateTotal(vat, percent, net) for (vat, percent), net in ordered])


def with_tax(sums: Totals, tax: Decimal) -> Totals:
    """The same as they were issued: cents that are not the rate's belong to the greatest tax."""
    if sums.tax == tax:
        return sums
    greatest = max(sums.by_rate, key=lambda rate: (rate.tax, rate.percent))
    mended = replace(greatest, rounding=tax - sums.tax)
    return Totals([mended if rate is greatest else rate for rate in sums.by_rate])
