"""
The register of breaches (GDPR articles 33 and 34). From the moment one is suspected the CNIL is to be told within 72
hours, straight on, unless no risk to anybody is likely; what is not known yet is told later, in phases. Where the risk
is high the people are told too. Every breach stays in the register, notified or not (article 33(5)).
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.urls import reverse

from privacy import journal, outbox
from privacy.models import Breach, BreachEvent
from privacy.policy import BREACH_NOTIFIED_WITHIN, CONTROLLER, DPO_EMAIL
from privacy.retention.due import PARIS

Kind = BreachEvent.Kind
NotTold = Breach.NotTold
Risk = Breach.Risk

HANDLING = "privacy.change_breach"  # who has this permission is told
REMIND_AFTER = (24, 48, 66)  # hours

# What article 33(3) asks for, as far as it is known.
KNOWN = (
    "what",
    "happened_from",
    "happened_until",
    "nature",
    "people_categories",
    "people_number",
    "data_categories",
    "records_number",
    "consequences",
    "measures_taken",
    "measures_planned",
    "risk",
)


class BreachError(Exception):
    """A step that was not taken. The message says why, in French, for the DPO."""


class ChangedMeanwhile(BreachError):
    def __init__(self) -> None:
        super().__init__(
            "Quelqu’un d’autre a complété cette violation entre-temps\N{NO-BREAK SPACE}: relisez avant d’enregistrer."
        )


@transaction.atomic
def report(*, what: str, aware_at: datetime, by: AbstractBaseUser, now: datetime) -> Breach:
    """
    Somebody suspects a breach: the clock runs from `aware_at`, and the DPO is told. Sent twice, it is one.

    Raises BreachError without words, or for an hour that is still to come.
    """
    if not what.strip():
        raise BreachError("Dites en quelques mots ce qui s’est passé.")
    if aware_at > now:
        raise BreachError("Cette heure est encore à venir.")
    twin = Breach.objects.open().filter(what=what.strip(), reported_by=by.pk, events__at__gt=now - A_MOMENT)
    if (same := twin.first()) is not None:
        return same
    breach = Breach.objects.create(what=what.strip(), aware_at=aware_at, reported_by_id=by.pk)
    note(breach, Kind.REPORTED, by=by, now=now)
    tell_handlers(breach, "breach_reported", now=now)
    return breach


A_MOMENT = timedelta(minutes=10)


@transaction.atomic
def complete(breach: Breach, *, seen: int, by: AbstractBaseUser, now: datetime, **known: Any) -> Breach:
    """
    Write down what is known by now, some of KNOWN. `seen` is the number of the last event that the writer had before
    them.

    Raises ChangedMeanwhile, and BreachError for what cannot be.
    """
    current = opened(breach)
    if current.events.filter(pk__gt=seen).exclude(kind=Kind.REMINDED).exists():
        raise ChangedMeanwhile
    started, ended = known.get("happened_from"), known.get("happened_until")
    if max(filter(None, (started, ended)), default=now) > now:
        raise BreachError("La violation ne peut pas être survenue plus tard que maintenant.")
    if started and ended and ended < started:
        raise BreachError("Elle ne peut pas finir avant d’avoir commencé.")
    if current.dismissed_at and known.get("risk", Risk.NONE) != Risk.NONE:
        current.dismissed_at, current.dismissed_reason = None, ""  # with a risk, the CNIL is to be told after all
    changed = {name: value for name, value in known.items() if name in KNOWN and getattr(current, name) != value}
    if changed:
        change(current, Kind.CHANGED, by=by, now=now, **changed)
    return current


@transaction.atomic
def notify(
    breach: Breach, *, at: datetime, reference: str = "", late_reason: str = "", by: AbstractBaseUser, now: datetime
) -> None:
    """The CNIL was told. Raises BreachError without the reason for being late (article 33(1)), or the second time."""
    current = opened(breach)
    if current.notified_at:
        raise BreachError("Elle est déjà notifiée. Ajoutez plutôt un complément.")
    if not current.aware_at <= at <= now:
        raise BreachError("La notification est faite après en avoir eu connaissance, et pas plus tard que maintenant.")
    if at > current.notify_by and not late_reason.strip():
        raise BreachError("Les 72 heures étaient passées\N{NO-BREAK SPACE}: dites pourquoi.")
    change(
        current,
        Kind.NOTIFIED,
        by=by,
        now=now,
        notified_at=at,
        cnil_reference=reference.strip(),
        late_reason=late_reason.strip() if at > current.notify_by else "",
        dismissed_at=None,
        dismissed_reason="",
    )


@transaction.atomic
def add_phase(breach: Breach, *, what: str, by: AbstractBaseUser, now: datetime) -> None:
    """The CNIL was told more (article 33(4)). Raises BreachError before the first notification, or without words."""
    current = opened(breach)
    if not current.notified_at:
        raise BreachError("Notifiez-la d’abord.")
    if not what.strip():
        raise BreachError("Dites ce qui a été ajouté.")
    note(current, Kind.COMPLETED, by=by, now=now, text=what.strip())


@transaction.atomic
def dismiss(breach: Breach, *, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    """Not to be notified, because no risk is likely (article 33(1)). Raises BreachError otherwise."""
    current = opened(breach)
    if current.notified_at:
        raise BreachError("Elle est déjà notifiée.")
    if current.risk != Risk.NONE:
        raise BreachError(
            "Seule une violation sans risque vraisemblable n’est pas notifiée\N{NO-BREAK SPACE}: "
            "évaluez d’abord le risque."
        )
    if not reason.strip():
        raise BreachError("Dites pourquoi aucun risque n’est vraisemblable.")
    change(current, Kind.DISMISSED, by=by, now=now, dismissed_at=now, dismissed_reason=reason.strip())


@transaction.atomic
def tell_people(breach: Breach, *, at: datetime, how: str, by: AbstractBaseUser, now: datetime) -> None:
    """They were told (article 34). Raises BreachError."""
    current = opened(breach)
    if not how.strip():
        raise BreachError("Dites comment les personnes ont été informées.")
    if not current.aware_at <= at <= now:
        raise BreachError("Elles sont informées après que la violation est connue, et pas plus tard que maintenant.")
    change(
        current,
        Kind.PEOPLE_TOLD,
        by=by,
        now=now,
        people_told_at=at,
        people_told_how=how.strip(),
        people_not_told="",
        people_not_told_reason="",
    )


@transaction.atomic
def spare_people(breach: Breach, *, ground: str, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    """They are not told, on one of the grounds of article 34(3). Raises BreachError."""
    current = opened(breach)
    if not ground or ground not in NotTold.values:
        raise BreachError("Choisissez l’un des trois cas de l’article 34, paragraphe 3.")
    if not reason.strip():
        raise BreachError("Dites pourquoi ce cas est celui-ci.")
    if current.people_told_at:
        raise BreachError("Elles sont déjà informées.")
    change(
        current,
        Kind.PEOPLE_NOT_TOLD,
        by=by,
        now=now,
        people_not_told=NotTold(ground),
        people_not_told_reason=reason.strip(),
    )


@transaction.atomic
def close(breach: Breach, *, by: AbstractBaseUser, now: datetime) -> None:
    """Raises BreachError while something that the law asks for is missing."""
    current = opened(breach)
    if missing := what_is_missing(current):
        raise BreachError(f"Il manque encore\N{NO-BREAK SPACE}: {', '.join(missing)}.")
    change(current, Kind.CLOSED, by=by, now=now, closed_at=now)


@transaction.atomic
def reopen(breach: Breach, *, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    current = locked(breach)
    if current.closed_at is None:
        raise BreachError("Elle n’est pas close.")
    if not reason.strip():
        raise BreachError("Dites ce qui est nouveau.")
    change(current, Kind.REOPENED, by=by, now=now, text=reason.strip(), closed_at=None)


def what_is_missing(breach: Breach) -> list[str]:
    """Of what articles 33 and 34 ask for, in words."""
    asked: list[tuple[str, object]] = [
        ("la nature", breach.nature),
        ("les personnes touchées", breach.people_categories),
        ("leur nombre", breach.people_number is not None),
        ("les données touchées", breach.data_categories),
        ("le nombre d’enregistrements", breach.records_number is not None),
        ("les conséquences probables", breach.consequences),
        ("les mesures prises", breach.measures_taken),
        ("le risque", breach.risk),
        ("la notification à la CNIL, ou la raison de ne pas notifier", breach.is_decided),
        ("l’information des personnes, ou sa dispense", breach.people_are_settled),
    ]
    return [name for name, there in asked if not there]


# The clock ------------------------------------------------------------------------------------------------------------


def remind_all(*, now: datetime) -> int:
    """Every few minutes. Returns about how many breaches somebody was reminded."""
    return sum(remind(breach, now=now) for breach in Breach.objects.undecided().order_by("pk"))


@transaction.atomic
def remind(breach: Breach, *, now: datetime) -> bool:
    """One message for all the hours of REMIND_AFTER that have passed since the last one."""
    current = locked(breach)
    if current.is_decided or current.closed_at:
        return False
    passed = [hours for hours in REMIND_AFTER if now >= current.aware_at + timedelta(hours=hours)]
    told = {event.content["hours"] for event in current.events.filter(kind=Kind.REMINDED)}
    reported_at = current.events.earliest("pk").at  # what had passed before was told with the report
    new = [hours for hours in passed if hours not in told and current.aware_at + timedelta(hours=hours) > reported_at]
    if not new:
        return False
    for hours in new:
        BreachEvent.objects.create(breach=current, kind=Kind.REMINDED, at=now, content={"hours": hours})
    tell_handlers(current, "breach_reminder", now=now)
    return True


def tell_handlers(breach: Breach, kind: str, *, now: datetime) -> None:
    link = outbox.absolute(reverse("admin:breach", args=[breach.pk]))
    for user in get_user_model()._default_manager.with_perm(HANDLING):
        outbox.send(kind, to=user.email, link=link, now=now)


def share_of_clock(breach: Breach, *, now: datetime) -> int:
    """How much of the 72 hours has passed, in hours, at most all of them."""
    until = breach.notified_at or breach.dismissed_at or now
    return min(int((until - breach.aware_at) / timedelta(hours=1)), int(BREACH_NOTIFIED_WITHIN / timedelta(hours=1)))


# Each step ------------------------------------------------------------------------------------------------------------


def locked(breach: Breach) -> Breach:
    return Breach.objects.select_for_update(of=("self",)).get(pk=breach.pk)


def opened(breach: Breach) -> Breach:
    current = locked(breach)
    if current.closed_at:
        raise BreachError("Cette violation est close. Rouvrez-la d’abord.")
    return current


def change(breach: Breach, kind: Kind, *, by: AbstractBaseUser, now: datetime, text: str = "", **fields: Any) -> None:
    for name, value in fields.items():
        setattr(breach, name, value)
    breach.save()
    note(breach, kind, by=by, now=now, text=text)


def note(breach: Breach, kind: Kind, *, by: AbstractBaseUser, now: datetime, text: str = "") -> BreachEvent:
    journal.record(breach, action="breach", by=by, now=now, step=kind.value)
    return BreachEvent.objects.create(
        breach=breach, kind=kind, at=now, by_id=by.pk, note=text, content=version_of(breach)
    )


def version_of(breach: Breach) -> dict[str, Any]:
    encode: Callable[[Any], Any] = DjangoJSONEncoder().default
    names = [field.name for field in breach._meta.concrete_fields if field.name not in ("id", "reported_by")]
    values = {name: getattr(breach, name) for name in names}
    return {name: encode(value) if isinstance(value, datetime) else value for name, value in values.items()}


# What is told the CNIL ------------------------------------------------------------------------------------------------


def notice(breach: Breach) -> list[tuple[str, str]]:
    """The fields of article 33(3), in words and in the order of the CNIL's form. Empty where nothing is known yet."""
    first, last = moment(breach.happened_from), moment(breach.happened_until)
    return [
        ("Responsable du traitement", f"{CONTROLLER.name}, {CONTROLLER.address}"),
        ("Délégué à la protection des données", DPO_EMAIL),
        ("Référence interne", breach.reference),
        ("Date de prise de connaissance", moment(breach.aware_at)),
        ("Date de la violation", f"du {first} au {last}" if first and last else first),
        ("Circonstances", breach.what),
        ("Nature de la violation", "\N{NO-BREAK SPACE}; ".join(Breach.Nature(each).label for each in breach.nature)),
        ("Catégories de personnes", breach.people_categories),
        ("Nombre approximatif de personnes", number(breach.people_number)),
        ("Catégories de données", breach.data_categories),
        ("Nombre approximatif d’enregistrements", number(breach.records_number)),
        ("Conséquences probables", breach.consequences),
        ("Mesures prises", breach.measures_taken),
        ("Mesures envisagées", breach.measures_planned),
        ("Risque pour les personnes", breach.get_risk_display() if breach.risk else ""),
        *([("Raison du retard", breach.late_reason)] if breach.late_reason else []),
        ("Information des personnes", told_in_words(breach)),
    ]


def told_in_words(breach: Breach) -> str:
    if breach.people_told_at:
        return f"le {moment(breach.people_told_at)}, {breach.people_told_how}"
    if breach.people_not_told:
        return f"{breach.get_people_not_told_display()}. {breach.people_not_told_reason}"
    return ""


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(PARIS):%d/%m/%Y à %H:%M}" if at else ""


def number(count: int | None) -> str:
    return "" if count is None else str(count)
