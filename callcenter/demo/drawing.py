"""Drawing from a list in which some things are commoner than others."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    def __init__(self, weights: Mapping[T, float]) -> None:
        self.items = list(weights)
        self.bounds = list(accumulate(weights.values()))

    def draw(self, rng: Random) -> T:
        return self.items[bisect(self.bounds, rng.random() * self.bounds[-1])]


def by_rank(items: Sequence[T]) -> Weighted[T]:
    """The commonest first, as names are: the tenth is about half as common as the first."""
    return Weighted({item: 1 / (rank + 10) for rank, item in enumerate(items)})
