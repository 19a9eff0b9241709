from django.contrib import messages
from django.db import models
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import SignedInRequest, desk_only
from callcenter import logbook
from callcenter.console.forms import CorrectionForm, EntryForm
from callcenter.console.once import once
from callcenter.console.page import console_page
from callcenter.models import Call, LogEntry, Shift
from interventions.models import Incident, Intervention
from privacy import journal

# What the main courante is written on, by the word in the address.
SUBJECTS: dict[str, type[models.Model]] = {
    "appel": Call,
    "intervention": Intervention,
    "incident": Incident,
    "vacation": Shift,
}
PAGES = {"appel": "console:call", "intervention": "console:intervention", "incident": "console:incident"}


@desk_only
@require_http_methods(["GET", "POST"])
@once
def write(request: SignedInRequest, subject: str, pk: int) -> HttpResponse:
    """Add a line. The form stands on the subject's own sheet; this page shows it again when words are sensitive."""
    model = SUBJECTS[subject]
    about = get_object_or_404(
        Shift.objects.all() if model is Shift else model.objects.visible_to(request.user),  # type: ignore[attr-defined]
        pk=pk,
    )
    form = EntryForm(request.POST or None)
    words: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            logbook.write_entry(
                about,
                kind=LogEntry.Kind(form.cleaned_data["kind"]),
                text=form.cleaned_data["text"],
                justification=form.cleaned_data["justification"],
                by=request.user,
                now=timezone.now(),
            )
        except logbook.SensitiveWords as warning:
            words = warning.words
        else:
            journal.record(about, action="change", by=request.user, now=timezone.now(), act="write")
            return redirect(page_of(subject, pk))
    context = {"form": form, "words": words, "subject": subject, "about": about, "back": page_of(subject, pk)}
    return console_page(request, "console/entry.html", context, status=422 if request.method == "POST" else 200)


@desk_only
@require_http_methods(["GET", "POST"])
@once
def strike(request: SignedInRequest, pk: int) -> HttpResponse:
    """Correct a line by a new one; the first stays, struck."""
    entry = get_object_or_404(
        LogEntry.objects.select_related("author", "call", "intervention", "incident", "shift"), pk=pk
    )
    form = CorrectionForm(request.POST or None)
    words: list[str] = []
    subject, about = subject_of(entry)
    if request.method == "POST" and form.is_valid():
        try:
            logbook.strike_entry(
                entry,
                text=form.cleaned_data["text"],
                justification=form.cleaned_data["justification"],
                by=request.user,
                now=timezone.now(),
            )
        except logbook.SensitiveWords as warning:
            words = warning.words
        except logbook.AlreadyStruck as error:
            form.add_error(None, str(error))
        else:
            journal.record(entry, action="change", by=request.user, now=timezone.now(), act="strike")
            messages.success(request, "Ligne rectifiée. La première reste lisible, barrée.")
            return redirect(page_of(subject, about.pk))
    context = {
        "form": form,
        "words": words,
        "entry": entry,
        "subject": subject,
        "about": about,
        "back": page_of(subject, about.pk),
    }
    status = 422 if request.method == "POST" else 200
    return console_page(request, "console/entry.html", context, shows=[entry], status=status)


def page_of(subject: str, pk: int) -> str:
    return reverse(PAGES[subject], args=[pk]) if subject in PAGES else reverse("console:board")


def subject_of(entry: LogEntry) -> tuple[str, models.Model]:
    for word, field in (
        ("appel", "call"),
        ("intervention", "intervention"),
        ("incident", "incident"),
        ("vacation", "shift"),
    ):
        about = getattr(entry, field)
        if about is not None:
            return word, about
    raise AssertionError("the database holds every entry to one subject")
