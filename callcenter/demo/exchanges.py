"""What the tenant who signs in finds on the portal, and what the desk finds from tenants."""

from datetime import datetime, timedelta

from accounts.models import Person, User
from interventions.models import Complaint, ComplaintMessage, Intervention, Status, Subscription, TenantMessage
from privacy import consent
from privacy.models import ConsentEvent

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Said = tuple[timedelta, bool, str]  # how long ago, by the desk or not, what

ABOUT_APPOINTMENT: tuple[Said, ...] = (
    (15 * HOUR, False, "Bonjour, l’interphone ne marche plus. Il faut m’appeler en arrivant."),
    (14 * HOUR, True, "Bonjour, c’est noté\N{NO-BREAK SPACE}: l’entreprise vous appellera en bas de l’immeuble."),
    (2 * HOUR, True, "Le chauffagiste apporte la pièce. Pensez à dégager l’accès au chauffe-eau, s’il vous plaît."),
)
ABOUT_POWER_CUT = "Le courant est revenu dans la cuisine, toujours pas dans les chambres."
COMPLAINT = "Trois heures de retard"
ABOUT_DELAY: tuple[Said, ...] = (
    (6 * DAY, False, "Le plombier devait venir à 14 h, il est venu à 17 h et j’ai perdu mon après-midi."),
    (4 * DAY, True, "Nous avons interrogé l’entreprise. Nous vous répondons dès qu’elle s’est expliquée."),
)


def write_exchanges(tenant: Person, *, agent: User, supervisor: User, now: datetime) -> None:
    waiting = Intervention.objects.open().filter(occupant=tenant, status=Status.APPOINTMENT).latest("opened_at")
    ended = Intervention.objects.filter(occupant=tenant, status=Status.CLOSED).latest("closed_at")
    for ago, by_desk, text in ABOUT_APPOINTMENT:
        read = ago > 2 * HOUR
        write(waiting, tenant, text, by=agent if by_desk else None, at=now - ago, read_at=now - ago if read else None)
    power_cut = Intervention.objects.open().filter(problem_code="power_cut", status=Status.ACCEPTED).latest("opened_at")
    if power_cut.occupant is not None:
        write(power_cut, power_cut.occupant, ABOUT_POWER_CUT, by=None, at=now - timedelta(minutes=8), read_at=None)
        Subscription.objects.create(
            person=power_cut.occupant, landlord_id=power_cut.landlord_id, asked_at=now - 2 * DAY
        )
    consent.give(tenant, purpose="surveys", channel=ConsentEvent.Channel.PORTAL, by=None, now=now - 7 * DAY)
    complain(tenant, about=ended, answered_by=supervisor, now=now)
    Subscription.objects.create(
        person=tenant,
        landlord_id=waiting.landlord_id,
        state=Subscription.State.ACTIVE,
        asked_at=now - 90 * DAY,
        started_on=(now - 88 * DAY).date(),
    )


def write(
    intervention: Intervention, person: Person, text: str, *, by: User | None, at: datetime, read_at: datetime | None
) -> None:
    TenantMessage.objects.create(intervention=intervention, person=person, author=by, at=at, text=text, read_at=read_at)


def complain(person: Person, *, about: Intervention, answered_by: User, now: datetime) -> None:
    complaint = Complaint.objects.create(
        landlord_id=about.landlord_id,
        person=person,
        intervention=about,
        subject=COMPLAINT,
        opened_at=now - ABOUT_DELAY[0][0],
        last_exchange_at=now - ABOUT_DELAY[-1][0],
    )
    for ago, by_desk, text in ABOUT_DELAY:
        ComplaintMessage.objects.create(
            complaint=complaint, author=answered_by if by_desk else None, at=now - ago, text=text
        )
