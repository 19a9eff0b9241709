from dataclasses import dataclass
from hashlib import blake2s

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import merging
from accounts.access import SignedInRequest, desk_only
from accounts.forms import PersonForm
from accounts.models import MERGE_UNDO_WINDOW, Person, PersonMerge, Phone
from callcenter.console.forms import DESK_CHANNELS
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.console.views.interventions import get_from
from callcenter.console.views.locked import padlock_or_404
from callcenter.models import Call
from callcenter.search import search
from interventions.models import Intervention, SafetyAlert
from interventions.surroundings import alerts_about
from privacy import consent, journal, wordings
from privacy.models import ConsentEvent
from privacy.policy import Purpose
from privacy.wordings import Wording

STALE = (
    "Un collègue a modifié cette fiche entre-temps. Rien n’a été écrasé\N{NO-BREAK SPACE}: relisez-la dans un autre "
    "onglet, puis enregistrez de nouveau ce que vous gardez."
)


@desk_only
@require_GET
def person(request: SignedInRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    merges = PersonMerge.objects.filter(kept=OuterRef("pk"), merged_at__gt=now - MERGE_UNDO_WINDOW).order_by("-pk")
    phones = Phone.objects.filter(person=OuterRef("pk")).order_by("pk")
    today = timezone.localdate(now)
    alerts = SafetyAlert.objects.active(on=today).filter(person=OuterRef("pk"))
    people = Person.objects.visible_to(request.user).annotate(
        numbers=ArraySubquery(phones.values("number")),
        last_merge=Subquery(merges.values("pk")[:1]),
        last_merged=Subquery(merges.values("absorbed")[:1]),
        last_merged_at=Subquery(merges.values("merged_at")[:1]),
        is_alerted=Exists(alerts),  # rarely: no query to learn that there is none
    )
    found = people.select_related("merged_into").filter(pk=pk).first()
    if found is None:
        return padlock_or_404(request, Person, pk)
    if found.merged_into_id:
        messages.info(request, "Cette fiche a été fusionnée avec celle-ci.")
        return redirect("console:person", found.merged_into_id)
    context = {
        "now": now,
        "person": found,
        "tenancies": found.tenancies.select_related("dwelling__residence__landlord").order_by("-since_on"),
        "interventions": Intervention.objects.remembered()
        .filter(occupant=found)
        .select_related("residence")
        .order_by("-opened_at")[:20],
        "calls": Call.objects.remembered().filter(caller=found).select_related("landlord").order_by("-started_at")[:10],
        "alerts": alerts_about(person=found, on=today) if found.is_alerted else [],
        "consents": consents_of(found),
        "channels": DESK_CHANNELS,
    }
    return console_page(request, "console/person.html", context, shows=[found])


@dataclass(frozen=True)
class Consent:
    """One purpose on the person's page: the words to read out, what was said, and whether the last word is yes."""

    purpose: Purpose
    wording: Wording
    events: list[ConsentEvent]

    @property
    def last(self) -> ConsentEvent | None:
        return self.events[-1] if self.events else None

    @property
    def is_given(self) -> bool:
        return self.last is not None and self.last.answer == ConsentEvent.Answer.GIVEN

    @property
    def can_be_withdrawn(self) -> bool:
        """Also after a refusal: what was agreed to before it still stands."""
        return self.last is not None and self.last.answer != ConsentEvent.Answer.WITHDRAWN


def consents_of(person: Person) -> list[Consent]:
    said: dict[str, list[ConsentEvent]] = {key: [] for key in consent.CONSENTS}
    for event in consent.history(person):
        said[event.purpose].append(event)
    return [Consent(consent.CONSENTS[key], wordings.CURRENT[key], events) for key, events in said.items()]


@desk_only
@require_http_methods(["GET", "POST"])
@once
def new_person(request: SignedInRequest) -> HttpResponse:
    """A person nobody knows yet. From a call, they become its caller's fiche, to be placed by the agent."""
    asked = request.POST if request.method == "POST" else request.GET
    call = get_from(Call.objects.visible_to(request.user), asked.get("appel"))
    form = PersonForm(request.POST or None, initial={"number": call.from_number if call else ""})
    if request.method == "POST" and form.is_valid():
        created = form.save()
        journal.record(created, action="create", by=request.user, now=timezone.now())
        messages.success(request, "Fiche créée.")
        return redirect("console:person", created.pk)
    context = {"form": form, "call": call, "person": None}
    return console_page(request, "console/person_form.html", context, status=422 if form.errors else 200)


@desk_only
@require_http_methods(["GET", "POST"])
@transaction.atomic
def edit_person(request: SignedInRequest, pk: int) -> HttpResponse:
    people = Person.objects.visible_to(request.user).current()
    if request.method == "POST":
        people = people.select_for_update(of=("self",))
    found = get_object_or_404(people, pk=pk)
    seen = fingerprint(found)
    form = PersonForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        if request.POST.get("seen") == seen:
            form.save()
            journal.record(found, action="change", by=request.user, now=timezone.now(), fields=form.changed_data)
            messages.success(request, "Fiche modifiée.")
            return redirect("console:person", pk)
        form.add_error(None, STALE)
    context = {"form": form, "person": found, "seen": seen}
    status = 422 if form.errors else 200
    return console_page(request, "console/person_form.html", context, shows=[found], status=status)


def fingerprint(person: Person) -> str:
    """Of what the form shows: when it differs on the way back, a colleague was quicker."""
    shown = [getattr(person, field) for field in PersonForm.Meta.fields]
    return blake2s(repr(shown).encode(), digest_size=8).hexdigest()


@desk_only
@require_http_methods(["GET", "POST"])
def merge(request: SignedInRequest, pk: int) -> HttpResponse:
    """Choose the other record, compare both, merge. `avec` is the record that will disappear into this one."""
    kept = get_object_or_404(Person.objects.visible_to(request.user).current(), pk=pk)
    asked = request.POST if request.method == "POST" else request.GET
    absorbed = get_from(Person.objects.visible_to(request.user).current(), asked.get("avec"))
    if "merge" in request.POST and absorbed is not None:
        try:
            merging.merge_people(kept, absorbed, by=request.user, now=timezone.now())
        except merging.CannotMerge as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "Fiches réunies. Vous avez 24 heures pour revenir en arrière.")
            return redirect("console:person", pk)
    text = request.POST.get("who", kept.family_name)
    context = {
        "person": kept,
        "absorbed": absorbed,
        "rows": comparison(kept, absorbed) if absorbed else [],
        "who": text,
        "results": None if absorbed else search(text, user=request.user, on=timezone.localdate()),
    }
    return console_page(request, "console/merge.html", context, shows=[kept, absorbed])


COUNTED = {"phones": "Téléphones", "tenancies": "Logements", "interventions": "Interventions", "calls": "Appels"}


def comparison(kept: Person, absorbed: Person) -> list[tuple[str, str, str]]:
    """Label, and what each record says."""
    rows = [
        ("Nom", kept.full_name, absorbed.full_name),
        ("Adresse e-mail", kept.email, absorbed.email),
        ("Langue", kept.get_language_display(), absorbed.get_language_display()),
        ("Assistance", ", ".join(kept.assistance_labels), ", ".join(absorbed.assistance_labels)),
    ]
    counts = {f"{name}_count": Count(name, distinct=True) for name in COUNTED}
    both = Person.objects.annotate(**counts).in_bulk([kept.pk, absorbed.pk])
    for name, label in COUNTED.items():
        mine, theirs = (str(getattr(both[person.pk], f"{name}_count")) for person in (kept, absorbed))
        rows.append((label, mine, theirs))
    return rows


@desk_only
@require_POST
def undo_merge(request: SignedInRequest, pk: int) -> HttpResponse:
    found = PersonMerge.objects.filter(pk=pk).first()
    if found is None:
        messages.info(request, "Cette fusion a déjà été annulée, ou ne peut plus l’être.")
        return redirect("console:board")
    try:
        absorbed = merging.undo_merge(found, by=request.user, now=timezone.now())
    except merging.CannotUndo as error:
        messages.error(request, str(error))
        return redirect("console:person", found.kept_id)
    messages.success(request, "Fusion annulée.")
    return redirect("console:person", absorbed.pk)
