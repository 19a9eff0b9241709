"""A night when something serious happened: firefighters told of gas, a family that sleeps at a hotel."""

from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from callcenter.demo.numbers import COMPANIES, e164
from interventions import emergencies, relocations
from interventions.models import EmergencyAlert, Hotel, Intervention, Relocation

HOTELS = (
    ("Hôtel du Beffroi", "2 place de la Gare, 59400 Cambrai"),
    ("Logis de l’Escaut", "14 quai, 59300 Valenciennes"),
)
MINUTES = timedelta(minutes=1)


def tell_the_serious(*, agent: User, supervisor: User, now: datetime) -> None:
    hotels = [
        Hotel.objects.create(
            name=name,
            address=address,
            number=e164(COMPANIES + 6000 + 37 * rank),
            email=f"hotel{rank + 1}@hotel.example",
        )
        for rank, (name, address) in enumerate(HOTELS)
    ]
    emergencies.tell(
        service=EmergencyAlert.Service.FIRE,
        danger=EmergencyAlert.Danger.GAS,
        intervention=last("gas_smell"),
        by=agent,
        now=now - 44 * MINUTES,
    )
    today = timezone.localdate(now)
    stay = relocations.ask(
        last("leak_ceiling"),
        hotel=hotels[0],
        guests=4,
        from_on=today,
        until_on=today + timedelta(days=2),
        needs=[Relocation.Need.COT],
        by=agent,
        now=now - 9 * MINUTES,
    )
    reason = "Plafond tombé dans la chambre, logement inhabitable cette nuit."
    relocations.approve(stay, reason=reason, by=supervisor, now=now - 6 * MINUTES)
    relocations.answer(stay, confirmed=True, now=now - 2 * MINUTES)


def last(problem: str) -> Intervention:
    return Intervention.objects.open().filter(problem_code=problem, priority="emergency").latest("opened_at")
