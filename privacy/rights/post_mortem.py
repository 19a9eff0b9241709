"""
Directives for after one's death (Loi Informatique et Libertés, article 85): written, changed and revoked at any time.

When the death is proven everything stops: the login is closed, nothing is sent any more, and the data are restricted
until the directives are applied. Where there are none, the law knows three things that heirs may ask for.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from privacy import journal, ledger, outbox
from privacy.declarations import Category, Dataset
from privacy.models import Death, Erasure, ExportPackage, PostMortemDirective, Restriction, RightsRequest
from privacy.registry import Registry
from privacy.registry import registry as declared
from privacy.restriction import is_restricted
from privacy.retention.due import paris_day
from privacy.rights import access, erasure, packages, restriction, workflow
from privacy.rights.erasure import people_of
from privacy.rights.objection import people
from privacy.rights.portable import is_portable
from privacy.rights.readers import readers_of
from privacy.rights.workflow import RequestError
from privacy.subjects import Holding, holdings

Wish = PostMortemDirective.Wish
AfterDeath = RightsRequest.AfterDeath
Document = Death.Document

# Of what is handed over after a death. Invoices, proofs and logins are not (article 85: the rights of others, the law).
HANDED_OVER = {
    Category.IDENTITY,
    Category.CONTACT,
    Category.INTERVENTION,
    Category.HISTORY,
    Category.RECORDING,
}

OURS_ALONE = {"rights", "providers", "security", "accounting"}  # purposes
SHORT_LIVED = {"temporary", "identity_documents", "export_packages"}  # rows of the policy

Effect = Callable[..., object]
effects: list[Effect] = []


def on_death(effect: Effect) -> None:
    """``effect(person, by=…, now=…)`` runs in the transaction in which a death is proven: what is theirs is closed."""
    effects.append(effect)


# Directives -----------------------------------------------------------------------------------------------------------


class DirectiveError(RequestError):
    """A directive that says too little. The message is for who writes it, in their language."""


@transaction.atomic
def record(
    person: Model,
    *,
    wish: str,
    datasets: Iterable[str] = (),
    executor_name: str = "",
    executor_contact: str = "",
    by: AbstractBaseUser | None,
    now: datetime,
) -> PostMortemDirective:
    """
    Write down what becomes of the person's data, in place of what they said before, which stays as proof. The same
    said again is the same version. `datasets` are names of `may_be_handed_over`; `by` is None when they write it
    themselves.

    Raises DirectiveError.
    """
    wish, datasets = Wish(wish), sorted(set(datasets))
    executor_name, executor_contact = executor_name.strip(), executor_contact.strip()
    if wish == Wish.HAND_OVER:
        if not datasets or not {*datasets} <= {dataset.name for dataset in may_be_handed_over()}:
            raise DirectiveError(_("Choisissez au moins une sorte de données à remettre."))
        if not executor_name or not executor_contact:
            raise DirectiveError(_("Dites à qui les remettre, et où joindre cette personne."))
    else:
        datasets = []
    if executor_name and not executor_contact:
        raise DirectiveError(_("Dites où joindre la personne que vous chargez de l’exécution."))
    return write(
        person,
        wish=wish,
        datasets=datasets,
        executor_name=executor_name,
        executor_contact=executor_contact if executor_name else "",
        by=by,
        now=now,
    )


def revoke(person: Model, *, by: AbstractBaseUser | None, now: datetime) -> PostMortemDirective:
    """Raises DirectiveError when there is nothing to revoke."""
    if in_force(person) is None:
        raise DirectiveError(_("Vous n’avez pas de directives."))
    return write(person, wish=Wish.REVOKED, by=by, now=now)


@transaction.atomic
def write(person: Model, *, by: AbstractBaseUser | None, now: datetime, **said: str | list[str]) -> PostMortemDirective:
    type(person)._base_manager.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    if Death.objects.of(person).exists():
        raise DirectiveError(_("Ces directives ne changent plus : le décès est établi."))
    last = PostMortemDirective.objects.filter(person=person.pk).last()
    if last is not None and all(getattr(last, name) == value for name, value in said.items()):
        return last
    directive = PostMortemDirective.objects.create(
        person_id=person.pk, written_at=now, written_by_id=by.pk if by else None, **said
    )
    journal.record(directive, action="write_directive", by=by, now=now, person=person.pk, wish=directive.wish)
    return directive


def in_force(person: Model) -> PostMortemDirective | None:
    """The last version, unless it revokes the others."""
    last = PostMortemDirective.objects.filter(person=person.pk).last()
    return last if last is not None and last.wish != Wish.REVOKED else None


def history(person: Model) -> list[PostMortemDirective]:
    """All versions, the latest first."""
    return list(PostMortemDirective.objects.filter(person=person.pk).order_by("-written_at", "-pk"))


def may_be_handed_over(registry: Registry = declared) -> list[Dataset]:
    """The datasets among which a person chooses what is handed over, and the DPO what an estate needs."""
    return [dataset for dataset in registry.datasets.values() if dataset.subjects and is_worth_leaving(dataset)]


def is_worth_leaving(dataset: Dataset) -> bool:
    """What the person gave us or what was written of them: not invoices, proofs, keys, nor what is kept for days."""
    told = [data for data in dataset.data if data.category in HANDED_OVER and not data.technical]
    told = [data for data in told if data.purpose not in OURS_ALONE]
    rows = {expiry.row for expiry in dataset.expires}
    has_words = any(data.provided or any(map(dataset.is_free_text, data.fields)) for data in told)
    return bool(told) and (has_words or bool(rows)) and not rows & SHORT_LIVED


# The death ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def prove_death(
    request: RightsRequest,
    *,
    reported_by: str,
    document: str,
    document_dated_on: date,
    died_on: date | None = None,
    by: AbstractBaseUser,
    now: datetime,
) -> list[Death]:
    """
    Somebody showed a document: write down which, keep none of it, and stop everything for all records of the person.

    Raises RequestError for a request that is not about a dead person, for a day to come, or the second time.
    """
    current = workflow.unanswered(request)
    check_is_for_another(current)
    if not reported_by.strip():
        raise RequestError("Dites qui a signalé le décès.")
    if max(document_dated_on, died_on or document_dated_on) > paris_day(now):
        raise RequestError("Cette date est encore à venir.")
    if died_on is not None and document_dated_on < died_on:
        raise RequestError("La pièce est datée d’avant le décès.")
    records = people(current)
    if not records:
        raise RequestError("Retrouvez d’abord la fiche de la personne.")
    if Death.objects.of(*records).exists():
        raise RequestError("Le décès de cette personne est déjà établi.")
    deaths = []
    for person in records:
        death = Death.objects.create(
            person_id=person.pk,
            request=current,
            reported_by=reported_by.strip(),
            document=Document(document),
            document_dated_on=document_dated_on,
            died_on=died_on,
            seen_at=now,
            seen_by_id=by.pk,
        )
        journal.record(death, action="prove_death", by=by, now=now, person=person.pk, document=death.document)
        restriction.begin(person, reason=Restriction.Reason.DEATH, request=current, by=by, now=now)
        for effect in effects:
            effect(person, by=by, now=now)
        outbox.drop_waiting(person, now=now)
        deaths.append(death)
    return deaths


@transaction.atomic
def retract_death(request: RightsRequest, *, reason: str, by: AbstractBaseUser, now: datetime) -> None:
    """
    It was a mistake: the person is alive. Their login stays closed; they open it anew.

    Raises RequestError once something was applied, or without a reason.
    """
    current = workflow.unanswered(request)
    if current.executed_at:
        raise RequestError("Une suite a déjà été donnée à ce décès.")
    if not reason.strip():
        raise RequestError("Dites d’où vient l’erreur.")
    for death in Death.objects.of(*people(current)):
        journal.record(death, action="retract_death", by=by, now=now, person=death.person_id)
        death.delete()
    unfreeze(current, by=by, now=now)
    current.after_death, current.scope = AfterDeath.NONE, []
    current.save(update_fields=["after_death", "scope"])


def unfreeze(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """There is nobody to tell first (article 18(3))."""
    numbers = [person.pk for person in people(request)]
    frozen = Restriction.objects.active().filter(person__in=numbers, reason=Restriction.Reason.DEATH)
    for each in frozen.select_for_update(of=("self",)).select_related("person"):
        each.lifted_at = now
        each.save(update_fields=["lifted_at"])
        ledger.note(ledger.LIFTING, each.person, how=each.reason, now=now)
        journal.record(each, action="lift_restriction", by=by, now=now, person=each.person_id)


# What is done about it ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """One way that a request about a dead person's data may go: what it is for, and what it does."""

    key: str
    label: str
    does: str


COURSES: dict[str, Course] = {
    course.key: course
    for course in (
        Course(
            AfterDeath.DIRECTIVE,
            AfterDeath.DIRECTIVE.label,
            "Ce que la personne a voulu, et rien d’autre.",
        ),
        Course(
            AfterDeath.ESTATE,
            AfterDeath.ESTATE.label,
            "Une copie des seules données utiles au règlement, que vous choisissez, pour l’héritier.",
        ),
        Course(
            AfterDeath.GOODS,
            AfterDeath.GOODS.label,
            "Une copie de ce que la personne avait fourni, à relire par un autre service, pour l’héritier.",
        ),
        Course(
            AfterDeath.DEATH,
            AfterDeath.DEATH.label,
            "Le compte est fermé et la fiche à jour\N{NO-BREAK SPACE}: les données vont à leur terme.",
        ),
    )
}


@dataclass(frozen=True)
class Plan:
    """
    What is known, and what may be done. `courses`: those that are open now. `may_be_chosen`: what is held of the person
    and may be handed over. `goes`: of it, what the chosen course hands over.
    """

    directive: PostMortemDirective | None
    versions: list[PostMortemDirective]
    death: Death | None
    courses: list[Course]
    may_be_chosen: list[Holding]
    goes: list[Holding]
    erasure: "erasure.Plan | None"
    package: ExportPackage | None
    readers: list[str]
    frozen: bool = False

    @property
    def chosen_labels(self) -> list[str]:
        """What the directive hands over, in words."""
        names = self.directive.datasets if self.directive else []
        return [dataset.label for dataset in may_be_handed_over() if dataset.name in names]


def plan(request: RightsRequest, *, now: datetime) -> Plan:
    if request.person is None:
        return Plan(None, [], None, [], [], [], None, None, [])
    person = request.person
    versions = history(person)
    directive = versions[0] if versions and versions[0].wish != Wish.REVOKED else None
    death = Death.objects.of(person).select_related("seen_by").first()
    numbers = people_of(person, request)
    names = {dataset.name for dataset in may_be_handed_over()}
    held = [each for each in holdings(person, also=numbers, now=now) if each.dataset.name in names] if death else []
    erases = request.after_death == AfterDeath.DIRECTIVE and directive is not None and directive.wish == Wish.ERASE
    return Plan(
        directive=directive,
        versions=versions,
        death=death,
        courses=[COURSES[key] for key in open_courses(directive)] if death else [],
        may_be_chosen=held,
        goes=[each for each in held if each.dataset.name in request.scope] if request.after_death else [],
        erasure=erasure.plan(request, now=now) if erases else None,
        package=ExportPackage.objects.filter(request=request).first(),
        readers=readers_of(request),
        frozen=death is not None and is_restricted(person),
    )


def open_courses(directive: PostMortemDirective | None) -> list[str]:
    """Directives come first; heirs' three grounds are for where there are none (article 85, II)."""
    return [AfterDeath.DIRECTIVE] if directive else [AfterDeath.ESTATE, AfterDeath.GOODS, AfterDeath.DEATH]


@transaction.atomic
def choose(
    request: RightsRequest, *, course: str, datasets: Iterable[str] = (), by: AbstractBaseUser, now: datetime
) -> None:
    """
    Say which way it goes, before anything is done. `datasets`: those an estate needs, by name.

    Raises RequestError before the death is proven, for a way that is not open, or without data where some are needed.
    """
    current = workflow.unanswered(request)
    check_is_for_another(current)
    if current.executed_at:
        raise RequestError("Cette demande est déjà exécutée.")
    if current.person is None or not Death.objects.of(current.person).exists():
        raise RequestError("Établissez d’abord le décès.")
    directive = in_force(current.person)
    if course not in open_courses(directive):
        raise RequestError("Choisissez une suite que la loi prévoit.")
    names = scope_of(course, directive=directive, chosen=datasets)
    if not names and course in (AfterDeath.ESTATE, AfterDeath.GOODS):
        raise RequestError("Choisissez au moins une sorte de données à remettre.")
    package = ExportPackage.objects.filter(request=current).first()
    if package is not None:  # of what was chosen before
        packages.drop_file(package, now=now)
        package.delete()
    current.after_death, current.scope = AfterDeath(course), names
    current.save(update_fields=["after_death", "scope"])
    workflow.note(current, workflow.Kind.PLANNED, by=by, now=now, course=course, datasets=len(names))


def scope_of(course: str, *, directive: PostMortemDirective | None, chosen: Iterable[str]) -> list[str]:
    """The names of what is handed over."""
    names = [dataset.name for dataset in may_be_handed_over()]
    if course == AfterDeath.DIRECTIVE:
        chosen = directive.datasets if directive else ()
    elif course == AfterDeath.GOODS:
        chosen = [each.name for each in may_be_handed_over() if any(map(is_portable, each.data))]
    elif course == AfterDeath.DEATH:
        chosen = ()
    return sorted({*names} & {*chosen})


def execute(request: RightsRequest, *, by: AbstractBaseUser, now: datetime, to: str = "") -> dict[str, int]:
    """
    Do what was chosen: let the data go to their end, erase them, or release the copy `to` who may read it. The freeze
    ends with it (`unfreeze_after_execution`). Of one's own directives there is only that they were written.

    Raises RequestError for what was not granted or not chosen, and what erasure and access raise.
    """
    with transaction.atomic():
        current = workflow.unanswered(request)
        workflow.check_granted(current)
    if current.requester == RightsRequest.Requester.SELF:
        if current.person is None or not history(current.person):
            raise RequestError("Écrivez d’abord les directives.")
        return done(current, {}, by=by, now=now)
    if not current.after_death:
        raise RequestError("Choisissez d’abord la suite à donner.")
    if current.scope:
        return access.execute(current, by=by, now=now, to=to)
    directive = in_force(current.person) if current.person else None
    erased = current.person is None or erasure_begun(current)
    if current.after_death == AfterDeath.DIRECTIVE and (erased or (directive and directive.wish == Wish.ERASE)):
        return erasure.execute(current, by=by, now=now)
    return done(current, {"kept": len(people(current))}, by=by, now=now)


def erasure_begun(request: RightsRequest) -> bool:
    return Erasure.objects.filter(request=request).exists()


def done(request: RightsRequest, counts: dict[str, int], *, by: AbstractBaseUser, now: datetime) -> dict[str, int]:
    workflow.note_executed(request, by=by, now=now, **counts)
    return counts


def unfreeze_after_execution(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    if request.right == RightsRequest.Right.POST_MORTEM:
        unfreeze(request, by=by, now=now)


def check_is_for_another(request: RightsRequest) -> None:
    if request.right != RightsRequest.Right.POST_MORTEM:
        raise RequestError("Cette demande ne porte pas sur les données d’une personne décédée.")
    if request.requester == RightsRequest.Requester.SELF:
        raise RequestError("C’est la personne elle-même qui demande.")
