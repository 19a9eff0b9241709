"""The on-call rota and the rules of who is sent: weeks that turn, a hand-over, and a few hours nobody has taken yet."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import User
from callcenter.demo.instructions import ALL_DAY, ANY, EVENING_AND_NIGHT, NIGHT
from callcenter.demo.numbers import COMPANIES, e164
from interventions.models import DispatchRule, Landlord, OnCallShift, Provider
from interventions.on_call import hand_over
from interventions.problems import Trade

WEEKS_BACK, WEEKS_AHEAD = 3, 12
TURN = time(8)  # on Mondays

T = Trade
BEFFROI_LIFTS, ESCAUT_LIFTS = "Ascenseurs du Beffroi", "Élévation Escaut"
SCARPE, SANITHERM, CAMBRESIS = "Plomberie Scarpe Dépannage", "Sanitherm du Hainaut", "Chauffage Cambrésis Service"
LOCKSMITHS = ("Serrurerie des Trois Clochers", "Sécurité Bâtiment Réactive")

# Trades, sectors, who takes turns, whether the next in turn is called when the first does not answer.
TURNS: tuple[tuple[tuple[Trade, ...], tuple[str, ...], tuple[str, ...], bool], ...] = (
    ((T.PLUMBING, T.HOT_WATER), (), (SCARPE, SANITHERM), True),
    ((T.HEATING, T.GAS), (), (SANITHERM, CAMBRESIS), True),
    ((T.LIFT,), ("Cambrésis", "Douaisis"), (BEFFROI_LIFTS,), False),
    ((T.LIFT,), ("Valenciennois",), (ESCAUT_LIFTS,), False),
    ((T.ELECTRICITY, T.LIGHTING), (), ("Courant Clair Électricité", "Élec Ostrevent"), True),
    ((T.LOCKS, T.SAFETY), (), LOCKSMITHS, False),
    ((T.ROOF,), (), ("Couverture Haute-Deûle",), False),
    ((T.GLAZING, T.MAINTENANCE), (), ("Vitrerie-Menuiserie Delmotte & Fils", "Sécurité Bâtiment Réactive"), False),
)
# In this week of the turn (0 is the current one) nobody has it yet, of these trades.
UNTAKEN = {(T.ROOF,): 5, (T.LOCKS, T.SAFETY): 8}
# Of next week’s turn, from and until how many days and hours after it begins.
UNTAKEN_HOURS = {(T.LIFT,): (timedelta(days=5, hours=12), timedelta(days=6))}

WANTED = (
    # landlord, trade, problem, sector, days, hours, provider
    ("toits-escaut", T.LIFT, "", "", ANY, ALL_DAY, BEFFROI_LIFTS),
    ("toits-escaut", T.PLUMBING, "leak_ceiling", "Valenciennois", ANY, EVENING_AND_NIGHT, SANITHERM),
    ("foyer-sensee", T.PLUMBING, "", "", ANY, EVENING_AND_NIGHT, SANITHERM),
    ("foyer-sensee", T.GLAZING, "", "", ANY, ALL_DAY, "Vitrerie-Menuiserie Delmotte & Fils"),
    ("ostrevent-logis", T.HEATING, "", "Douaisis", ANY, ALL_DAY, "Thermo-Nord Exploitation"),
    ("maison-beffroi", T.LOCKS, "locked_out", "", ANY, NIGHT, "Serrurerie des Trois Clochers"),
    ("maison-beffroi", T.ROOF, "", "", ANY, ALL_DAY, "Couverture Haute-Deûle"),
)


def create_on_call(landlords: list[Landlord], *, by: User, now: datetime) -> None:
    providers = {provider.name: provider for provider in Provider.objects.all()}
    create_rules(landlords, providers)
    OnCallShift.objects.bulk_create(shifts_of_turns(providers, today=timezone.localdate(now)))
    lend_tonight(providers, by=by, now=now)


def create_rules(landlords: list[Landlord], providers: dict[str, Provider]) -> None:
    by_code = {landlord.code: landlord for landlord in landlords}
    for code, trade, problem, sector, days, (from_time, until_time), name in WANTED:
        DispatchRule.objects.create(
            landlord=by_code[code],
            trade=trade,
            problem=problem,
            sector=sector,
            days=days,
            from_time=from_time,
            until_time=until_time,
            provider=providers[name],
        )


def shifts_of_turns(providers: dict[str, Provider], *, today: date) -> list[OnCallShift]:
    this_monday = today - timedelta(days=today.weekday())
    shifts = []
    for week in range(-WEEKS_BACK, WEEKS_AHEAD):
        begins, ends = turn_of(this_monday, week), turn_of(this_monday, week + 1)
        for trades, sectors, names, has_second in TURNS:
            if UNTAKEN.get(trades) == week:
                continue
            in_turn = [providers[names[(week + place) % len(names)]] for place in range(2 if has_second else 1)]
            for rank, provider in enumerate(in_turn, start=1):
                for starts_at, ends_at in taken(trades, begins, ends, next_week=week == 1):
                    shifts.append(
                        OnCallShift(
                            provider=provider,
                            trades=list(trades),
                            sectors=list(sectors),
                            starts_at=starts_at,
                            ends_at=ends_at,
                            rank=rank,
                            number=e164(COMPANIES + 7000 + provider.pk),
                        )
                    )
    return shifts


def turn_of(monday: date, week: int) -> datetime:
    return datetime.combine(monday + timedelta(weeks=week), TURN, timezone.get_current_timezone())


def taken(
    trades: tuple[Trade, ...], begins: datetime, ends: datetime, *, next_week: bool
) -> list[tuple[datetime, datetime]]:
    if not next_week or trades not in UNTAKEN_HOURS:
        return [(begins, ends)]
    free_from, free_until = UNTAKEN_HOURS[trades]
    return [(begins, begins + free_from), (begins + free_until, ends)]


def lend_tonight(providers: dict[str, Provider], *, by: User, now: datetime) -> None:
    """Tonight one locksmith stands in for the other, from eight to eight."""
    evening = datetime.combine(timezone.localdate(now), time(20), timezone.get_current_timezone())
    shift = OnCallShift.objects.at(evening).about(trade=T.LOCKS, sector="").get()
    other = next(providers[name] for name in LOCKSMITHS if name != shift.provider.name)
    morning = min(evening + timedelta(hours=12), shift.ends_at)
    hand_over(shift, to=other, starts_at=evening, ends_at=morning, by=by, now=now)
