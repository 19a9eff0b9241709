"""The annual report over a million interventions of one landlord's, beside one query by hand with covering indexes."""

from collections.abc import Iterator

from bench import database
from bench.measuring import Figure


def figures(interventions: int) -> Iterator[Figure]:
    name = f"sofratel_bench_report_{interventions}"
    database.make(name)
    measured = database.measured("bench.reporting", str(interventions), database=name)
    yield Figure(
        f"rapport annuel de {interventions} interventions, ses tableaux",
        measured["ours"],
        measured["by_hand"],
        at_most=1.3,
    )
    yield Figure("le même sur papier (PDF)", measured["paper"])
    yield Figure("compter toutes ces interventions, la première fois", measured["counting"] / 1000, unit="s")
