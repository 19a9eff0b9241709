"""What every story needs at hand: who lives where, who is on duty, where the rows go, what time it is."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.utils import timezone

from callcenter.demo.estate import Building, Estate
from callcenter.demo.logins import Staff
from callcenter.demo.writing import Streams

SHIFT_HOURS = (6, 14, 22)


@dataclass
class Desk:
    estate: Estate
    streams: Streams
    staff: Staff
    rng: Random
    since: datetime
    now: datetime
    shift_started_at: datetime | None = None  # the open shift's, once it is known

    def on_duty(self, at: datetime) -> int:
        """One of the two agents of that turn. Who can sign in has the turn that is open now."""
        agents = self.staff.agents
        if self.shift_started_at and at >= self.shift_started_at:
            return agents[0] if self.rng.random() < 0.7 else agents[1]
        local = self.local(at)
        turn = local.toordinal() * 3 + (local.hour + 2) // 8
        return agents[(turn * 2 + self.rng.randrange(2)) % len(agents)]

    def local(self, at: datetime) -> datetime:
        """Paris time, without asking on every call which time zone is active."""
        return at.astimezone(timezone.get_default_timezone())

    def building_of(self, tenant: int) -> Building:
        return self.estate.buildings[self.estate.tenants.building[tenant]]
