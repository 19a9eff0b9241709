from datetime import UTC, date, datetime, timedelta

import pytest

from interventions.models import OnCallShift, Provider
from interventions.on_call import (
    EMERGENCY_TRADES,
    OnCallError,
    OverlappingShift,
    gaps,
    hand_over,
    keep_shift,
)
from interventions.problems import Trade
from tests.concurrency import meanwhile
from tests.factories import (
    NOW,
    TODAY,
    LandlordFactory,
    OnCallShiftFactory,
    ProviderFactory,
    ResidenceFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

H = timedelta(hours=1)
DAYS = timedelta(days=1)


# Ranks ----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def shift():
    return OnCallShiftFactory(sectors=["Cambrésis"])


def another(shift, **changes):
    told = {"trades": shift.trades, "sectors": shift.sectors, "starts_at": shift.starts_at, "ends_at": shift.ends_at}
    return OnCallShift(**{"provider": ProviderFactory(), "rank": shift.rank, **told, **changes})


@pytest.mark.parametrize(
    "changes", [{}, {"sectors": []}, {"sectors": ["Douaisis", "Cambrésis"]}, {"trades": ["plumbing", "lift"]}]
)
def test_a_rank_is_given_once_for_the_same_trade_place_and_hour(shift, changes):
    with pytest.raises(OverlappingShift):
        keep_shift(another(shift, **changes))


@pytest.mark.parametrize("changes", [{"rank": 2}, {"sectors": ["Douaisis"]}, {"trades": ["lift"]}])
def test_another_rank_trade_or_place_is_free(shift, changes):
    assert keep_shift(another(shift, **changes)).pk


def test_one_ends_where_the_next_begins(shift):
    assert keep_shift(another(shift, starts_at=shift.ends_at, ends_at=shift.ends_at + H)).pk
    assert keep_shift(another(shift, starts_at=shift.starts_at - H, ends_at=shift.starts_at)).pk


def test_providers_of_different_landlords_do_not_stand_in_each_others_way(shift):
    other = another(shift)
    shift.provider.landlords.add(LandlordFactory())
    with pytest.raises(OverlappingShift):
        keep_shift(other)

    other.provider.landlords.add(LandlordFactory())

    assert keep_shift(other).pk


def test_a_shift_does_not_stand_in_its_own_way(shift):
    shift.ends_at += H
    assert keep_shift(shift).ends_at == shift.ends_at


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_instant_one_gets_the_rank(shift):
    mine, theirs = another(shift, rank=2), another(shift, rank=2)

    told = meanwhile(lambda: keep_shift(mine), lambda: keep_shift(theirs))

    assert isinstance(told, OverlappingShift)
    assert OnCallShift.objects.get(rank=2).provider == mine.provider


# Hand-overs -----------------------------------------------------------------------------------------------------------


def pieces():
    return [(each.provider, each.starts_at, each.ends_at) for each in OnCallShift.objects.order_by("starts_at")]


@pytest.mark.parametrize(("begins", "ends"), [(0, 14), (0, 4), (10, 14), (4, 10)])
def test_a_part_goes_to_another_and_the_rest_stays(shift, begins, ends):
    other, supervisor = ProviderFactory(), UserFactory()
    starts_at, ends_at = shift.starts_at + begins * H, shift.starts_at + ends * H

    part = hand_over(
        shift, to=other, starts_at=starts_at, ends_at=ends_at, number="+33627000009", by=supervisor, now=NOW
    )

    parts = [
        (shift.provider, shift.starts_at, starts_at),
        (other, starts_at, ends_at),
        (shift.provider, ends_at, shift.ends_at),
    ]
    assert pieces() == [piece for piece in parts if piece[1] < piece[2]]
    part.refresh_from_db()
    assert (part.handed_over_from, part.handed_over_at, part.handed_over_by) == (shift.provider, NOW, supervisor)
    assert (part.number, part.trades, part.sectors, part.rank) == ("+33627000009", shift.trades, ["Cambrésis"], 1)
    assert OnCallShift.objects.filter(handed_over_from=None).count() == len(pieces()) - 1


@pytest.mark.parametrize(("begins", "ends"), [(-1, 4), (4, 15), (4, 4), (6, 4)])
def test_what_is_no_part_of_it_cannot_be_handed_over(shift, begins, ends):
    before = pieces()

    with pytest.raises(OnCallError, match="tient dans"):
        hand_over(
            shift,
            to=ProviderFactory(),
            starts_at=shift.starts_at + begins * H,
            ends_at=shift.starts_at + ends * H,
            by=UserFactory(),
            now=NOW,
        )

    assert pieces() == before


def test_it_is_not_handed_over_to_whoever_has_it_nor_twice(shift):
    whole = {"starts_at": shift.starts_at, "ends_at": shift.ends_at, "by": UserFactory(), "now": NOW}
    with pytest.raises(OnCallError, match="a déjà cette astreinte"):
        hand_over(shift, to=shift.provider, **whole)

    hand_over(shift, to=ProviderFactory(), **whole)

    with pytest.raises(OnCallError, match="entre-temps"):
        hand_over(shift, to=ProviderFactory(), **whole)


# Gaps -----------------------------------------------------------------------------------------------------------------

SINCE = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
UNTIL = datetime(2026, 3, 12, 7, 0, tzinfo=UTC)


@pytest.fixture
def landlord():
    landlord = LandlordFactory(on_call_trades=[Trade.PLUMBING])
    ResidenceFactory(landlord=landlord, sector="Cambrésis")
    return landlord


def spans():
    return [(gap.starts_at, gap.ends_at) for gap in gaps(since=SINCE, until=UNTIL)]


def test_without_any_shift_all_of_it_is_a_gap(landlord):
    (gap,) = gaps(since=SINCE, until=UNTIL)
    assert (gap.trade, gap.sector, gap.landlords) == (Trade.PLUMBING, "Cambrésis", (landlord,))
    assert spans() == [(SINCE, UNTIL)]


def test_what_shifts_leave_free_is_a_gap(landlord):
    OnCallShiftFactory(starts_at=SINCE + 2 * H, ends_at=SINCE + 6 * H)
    OnCallShiftFactory(starts_at=SINCE + 4 * H, ends_at=SINCE + 8 * H, rank=2)
    OnCallShiftFactory(starts_at=SINCE + 20 * H, ends_at=UNTIL + H)

    assert spans() == [(SINCE, SINCE + 2 * H), (SINCE + 8 * H, SINCE + 20 * H)]


def test_where_somebody_is_always_on_call_there_is_none(landlord):
    OnCallShiftFactory(starts_at=SINCE - H, ends_at=SINCE + 6 * H)
    OnCallShiftFactory(starts_at=SINCE + 6 * H, ends_at=UNTIL)
    assert spans() == []


@pytest.mark.parametrize("details", [{"trades": [Trade.LIFT]}, {"sectors": ["Douaisis"]}])
def test_a_shift_for_something_else_fills_nothing(landlord, details):
    OnCallShiftFactory(starts_at=SINCE, ends_at=UNTIL, **details)
    assert spans() == [(SINCE, UNTIL)]


@pytest.mark.parametrize("details", [{"is_active": False}, {"country": "US"}])
def test_a_provider_who_may_not_be_sent_fills_nothing(landlord, details):
    OnCallShiftFactory(starts_at=SINCE, ends_at=UNTIL)
    assert spans() == []

    Provider.objects.update(**details)

    assert spans() == [(SINCE, UNTIL)]


def test_a_contract_that_ends_during_a_shift_leaves_a_gap(landlord):
    OnCallShiftFactory(starts_at=SINCE, ends_at=UNTIL, provider__contract_until_on=TODAY)
    assert spans() == [(datetime(2026, 3, 10, 23, 0, tzinfo=UTC), UNTIL)]


def test_each_landlord_has_its_own_gaps_and_shared_ones_are_told_once(landlord):
    other = LandlordFactory(on_call_trades=[Trade.PLUMBING])
    ResidenceFactory(landlord=other, sector="Cambrésis")
    shift = OnCallShiftFactory(starts_at=SINCE, ends_at=UNTIL - H)
    assert [gap.landlords for gap in gaps(since=SINCE, until=UNTIL)] == [(landlord, other)]

    shift.provider.landlords.add(landlord)

    assert [(gap.landlords, gap.starts_at) for gap in gaps(since=SINCE, until=UNTIL)] == [
        ((other,), SINCE),
        ((landlord,), UNTIL - H),
    ]


def test_no_contract_no_gap(landlord):
    assert spans()
    landlord.contract_until_on = date(2026, 3, 9)
    landlord.save()
    assert spans() == []


def test_a_contract_that_begins_later_wants_nobody_before(landlord):
    landlord.contract_from_on = date(2026, 3, 11)
    landlord.save()
    assert spans() == [(datetime(2026, 3, 10, 23, 0, tzinfo=UTC), UNTIL)]


def test_a_contract_that_names_no_trade_wants_those_of_emergencies(landlord):
    landlord.on_call_trades = []
    landlord.save()

    wanted = [gap.trade for gap in gaps(since=SINCE, until=UNTIL)]

    assert set(wanted) == set(EMERGENCY_TRADES)
    assert {Trade.GAS, Trade.LIFT} <= set(wanted)
    assert Trade.PESTS not in wanted


@pytest.mark.parametrize(
    ("begins", "ends", "hours"),
    [
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 22, 0, tzinfo=UTC), 23),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), datetime(2026, 10, 25, 23, 0, tzinfo=UTC), 25),
    ],
)
def test_the_days_on_which_clocks_change_are_as_long_as_they_are(landlord, begins, ends, hours):
    (gap,) = gaps(since=begins, until=ends)
    assert gap.lasts == hours * H
