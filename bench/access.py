"""The copy of all that is held about one person among 12 million rows, beside a query and a ZIP written by hand."""

from collections.abc import Iterator

from bench import database
from bench.measuring import Figure


def figures(rows: int) -> Iterator[Figure]:
    """`rows` in each of twelve tables; one person has twenty of each, and twenty recordings of three minutes."""
    name = f"sofratel_bench_access_{rows}"
    database.make(name)
    measured = database.measured("bench.accessing", str(rows), database=name)
    yield Figure(
        f"copie de {measured['rows']} éléments et de {measured['files']} sons ({measured['megabytes']:.0f} Mo)",
        measured["ours"],
        measured["by_hand"],
        at_most=2,
    )
