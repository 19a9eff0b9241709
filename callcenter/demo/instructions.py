"""What each landlord wants done: (trade, problem, days, hours, action, minutes to be on site, whom to turn to)."""

from datetime import time

from interventions.models import Instruction
from interventions.problems import Trade

ANY, WORKING, OFF = Instruction.Days.ANY, Instruction.Days.WORKING, Instruction.Days.OFF
SEND, LATER, NOT_OURS = Instruction.Action.SEND_NOW, Instruction.Action.NEXT_WORKING_DAY, Instruction.Action.NOT_OURS

ALL_DAY = (None, None)
NIGHT = (time(20), time(7))
EVENING_AND_NIGHT = (time(17, 30), time(8))
OFFICE_HOURS = (time(8), time(17, 30))

T = Trade
Row = tuple[str, str, Instruction.Days, tuple[time | None, time | None], Instruction.Action, int | None, str]

EVERYWHERE: tuple[Row, ...] = (
    (T.GAS, "", ANY, ALL_DAY, SEND, 60, ""),
    (T.LIFT, "lift_trapped", ANY, ALL_DAY, SEND, 45, ""),
    (T.SAFETY, "", ANY, ALL_DAY, SEND, 60, ""),
    (T.AERIAL, "", ANY, ALL_DAY, LATER, None, ""),
    (T.PESTS, "", ANY, ALL_DAY, LATER, None, ""),
)
INSTRUCTIONS: dict[str, tuple[Row, ...]] = {
    "toits-escaut": (
        (T.PLUMBING, "", ANY, EVENING_AND_NIGHT, SEND, 120, ""),
        (T.PLUMBING, "leak_pipe", WORKING, OFFICE_HOURS, LATER, None, ""),
        (T.HEATING, "", ANY, NIGHT, LATER, None, ""),
        (T.HEATING, "", OFF, ALL_DAY, SEND, 240, ""),
        (T.LOCKS, "locked_out", ANY, ALL_DAY, NOT_OURS, None, "un serrurier au choix du locataire, à ses frais"),
    ),
    "foyer-sensee": (
        (T.PLUMBING, "", OFF, ALL_DAY, SEND, 180, ""),
        (T.HEATING, "", ANY, EVENING_AND_NIGHT, SEND, 240, ""),
        (T.LIFT, "lift_down", ANY, NIGHT, LATER, None, ""),
        (T.LIFT, "lift_down", ANY, ALL_DAY, SEND, 240, ""),
        (T.GLAZING, "", ANY, EVENING_AND_NIGHT, SEND, 180, ""),
        (T.ELECTRICITY, "power_cut", WORKING, OFFICE_HOURS, NOT_OURS, None, "l’agence du Foyer, au 04 65 71 01 10"),
    ),
    "ostrevent-logis": (
        ("", "", WORKING, OFFICE_HOURS, NOT_OURS, None, "l’agence Ostrevent Logis de Somain, jusqu’à 17 h 30"),
        (T.PLUMBING, "", ANY, EVENING_AND_NIGHT, SEND, 90, ""),
        (T.HOT_WATER, "", ANY, NIGHT, LATER, None, ""),
        (T.HEATING, "", ANY, EVENING_AND_NIGHT, SEND, 180, ""),
        (T.LIGHTING, "", ANY, EVENING_AND_NIGHT, LATER, None, ""),
        (T.LOCKS, "entrance_stuck", ANY, ALL_DAY, SEND, 180, ""),
    ),
    "maison-beffroi": (
        ("", "", OFF, ALL_DAY, SEND, 240, ""),
        (T.PLUMBING, "leak_ceiling", ANY, ALL_DAY, SEND, 60, ""),
        (T.HEATING, "no_heating", ANY, NIGHT, SEND, 180, ""),
        (T.ROOF, "", ANY, ALL_DAY, SEND, 180, ""),
        (T.LOCKS, "locked_out", ANY, NIGHT, SEND, 60, ""),
    ),
}
