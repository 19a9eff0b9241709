"""Where each request stands: until when, and what the DPO has to do for it now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.urls import reverse

from privacy.models import Letter, RightsRequest
from privacy.rights.acts import handling_of
from privacy.rights.deadlines import acknowledge_by
from privacy.rights.letters import answer_kind

SOON = timedelta(days=7)
CLOSED_LATELY = timedelta(days=30)

Outcome = RightsRequest.Outcome


@dataclass(frozen=True)
class NextAct:
    """What comes next, in words. `step`: the part of the page where it is done; `url`: its page, where it has one."""

    words: str
    step: str
    url: str = ""
    is_the_dpos: bool = True


def next_act(request: RightsRequest, *, document_waits: bool) -> NextAct:
    """The first that is not done, in the order of the law."""

    def letter(kind: str) -> str:
        return reverse("admin:rights_letter", args=[request.pk, kind])

    handling = handling_of(request)
    if request.answered_at:
        return NextAct("Rien, la demande est close", "answer", is_the_dpos=False)
    if request.acknowledged_at is None:
        return NextAct("Accuser réception", "receipt", letter(Letter.Kind.ACKNOWLEDGEMENT))
    if document_waits:
        return NextAct("Vérifier la pièce d’identité", "identity")
    if request.is_suspended:
        return NextAct("Attendre la réponse sur l’identité", "identity", is_the_dpos=False)
    if request.awaits_person and not request.decided_at:
        return NextAct("Retrouver la personne", "person", reverse("admin:rights_find_person", args=[request.pk]))
    if not request.identity and not request.decided_at:
        return NextAct("Établir l’identité", "identity")
    if not request.decided_at:
        return NextAct("Lire le plan et décider", "decision")
    if request.outcome != Outcome.REFUSED and request.executed_at is None:
        page = reverse(handling.page, args=[request.pk]) if handling.page else ""
        return NextAct(handling.to_do, "execution", page)
    return NextAct("Répondre à la personne", "answer", letter(answer_kind(request)))


@dataclass(frozen=True)
class Standing:
    """A request against its clock on one day."""

    request: RightsRequest
    today: date
    document_waits: bool = False

    @property
    def due_on(self) -> date:
        return self.request.due_on(today=self.today)

    @property
    def days_left(self) -> int:
        return (self.due_on - self.today).days

    @property
    def days_in_all(self) -> int:
        return (self.due_on - self.request.received_on).days

    @property
    def days_gone(self) -> int:
        return min((self.today - self.request.received_on).days, self.days_in_all)

    @property
    def is_suspended(self) -> bool:
        return self.request.is_suspended and self.request.answered_at is None

    @property
    def is_late(self) -> bool:
        return self.days_left < 0 and not self.is_suspended

    @property
    def is_soon(self) -> bool:
        return not self.is_suspended and 0 <= self.days_left <= SOON.days

    @property
    def acknowledgement_is_late(self) -> bool:
        return self.request.acknowledged_at is None and self.today > acknowledge_by(self.request.received_on)

    @property
    def next_act(self) -> NextAct:
        return next_act(self.request, document_waits=self.document_waits)

    @property
    def words(self) -> str:
        """«en retard de 3 jours», «à rendre aujourd’hui», «dans 12 jours»."""
        if self.is_suspended:
            return "délai suspendu"
        if self.days_left == 0:
            return "à rendre aujourd’hui"
        days = f"{abs(self.days_left)}\N{NO-BREAK SPACE}jour{'s' if abs(self.days_left) > 1 else ''}"
        return f"en retard de {days}" if self.days_left < 0 else f"dans {days}"


SECTIONS: dict[str, tuple[str, Callable[[Standing], bool]]] = {
    "retard": ("En retard", lambda each: each.is_late),
    "bientot": ("À rendre bientôt", lambda each: each.is_soon),
    "suspendu": ("Délai suspendu", lambda each: each.is_suspended),
    "moi": ("M’attendent", lambda each: each.next_act.is_the_dpos),
    "sans-personne": ("Sans personne retrouvée", lambda each: each.request.awaits_person),
}


def open_standings(*, today: date) -> list[Standing]:
    """All open requests, what is due first at the top: a day that depends on holidays, so that it is no column."""
    requests = RightsRequest.objects.open().with_documents_waiting()
    found = [Standing(each, today, each.document_waits) for each in requests]
    return sorted(found, key=lambda each: (each.due_on, each.request.pk))


def numbers(standings: list[Standing]) -> list[tuple[str, str, int]]:
    """Each section's key, name and how many are in it."""
    return [(key, label, sum(map(belongs, standings))) for key, (label, belongs) in SECTIONS.items()]
