from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from privacy import journal
from privacy.holds import HoldError, approve_hold, holdable, open_hold, release_hold, review_hold
from privacy.models import (
    ConsentEvent,
    ConsentWording,
    CookieChoice,
    FileRemoval,
    HoldItem,
    JournalBlock,
    JournalEntry,
    LegalHold,
    OutgoingMessage,
    PolicyVersion,
    PurgeApproval,
    PurgeRun,
    Receipt,
    Restriction,
    Visit,
)
from privacy.policy import HOLD_REVIEWED_WITHIN
from privacy.registry import registry
from privacy.retention.due import unexpired
from privacy.site import refuse_unless, signed_in

LONGEST_ID = 18  # digits, as many as a bigint surely holds


class ReadOnlyAdmin(admin.ModelAdmin):
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    list_display = ["version", "published_on", "kept_at", "sha256"]
    fields = ["version", "published_on", "kept_at", "sha256"]

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        return reverse("privacy:policy_version", args=[obj.version]) if obj else None


@admin.register(PurgeRun)
class PurgeRunAdmin(ReadOnlyAdmin):
    list_display = ["pk", "started_at", "finished_at"]
    ordering = ["-pk"]


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    list_display = ["pk", "sealed_at", "rule", "deleted", "halted", "hash"]
    list_filter = ["rule"]
    ordering = ["-pk"]

    @admin.display(description="supprimées")
    def deleted(self, receipt: Receipt) -> int:
        return sum(receipt.content["counts"].values())

    @admin.display(description="en attente d’accord")
    def halted(self, receipt: Receipt) -> int:
        return receipt.content["halted"]


@admin.register(PurgeApproval)
class PurgeApprovalAdmin(ReadOnlyAdmin):
    """Given from the home of this site, where a rule waits for one."""

    list_display = ["pk", "rule", "approved_by", "approved_at", "used_at"]
    list_select_related = ["approved_by"]
    ordering = ["-pk"]


@admin.register(FileRemoval)
class FileRemovalAdmin(ReadOnlyAdmin):
    list_display = ["pk", "queued_at", "attempts"]
    fields = ["queued_at", "attempts"]


@admin.register(Restriction)
class RestrictionAdmin(ReadOnlyAdmin):
    list_display = ["pk", "person", "started_at", "started_by", "lifted_at"]
    list_select_related = ["person", "started_by"]
    ordering = ["-pk"]


class UnexpiredAdmin(ReadOnlyAdmin):
    """Without what is due: from its due second on it is neither listed nor opened, purged or not."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return unexpired(super().get_queryset(request), registry.datasets[self.model], now=timezone.now())


@admin.register(Visit)
class VisitAdmin(UnexpiredAdmin):
    list_display = ["at", "page", "network"]
    ordering = ["-at"]


@admin.register(CookieChoice)
class CookieChoiceAdmin(UnexpiredAdmin):
    list_display = ["first_deposit_at", "chosen_at", "audience"]
    ordering = ["-first_deposit_at"]


class MessageState(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"
    states = {
        "en-attente": ("en attente", Q(sent_at=None, given_up_at=None)),
        "parti": ("parti", Q(sent_at__isnull=False)),
        "abandonne": ("abandonné", Q(given_up_at__isnull=False)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in self.states.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(self.states[value][1]) if value in self.states else queryset


@admin.register(OutgoingMessage)
class OutgoingMessageAdmin(UnexpiredAdmin):
    """That a message left, and how: never what it said, nor to which address."""

    list_display = ["queued_at", "kind", "channel", "state", "attempts", "person"]
    list_filter = [MessageState, "kind", "channel"]
    show_facets = admin.ShowFacets.ALWAYS
    list_select_related = ["person"]
    search_fields = ["=person__pk"]
    search_help_text = "Le numéro d’une fiche."
    ordering = ["-queued_at", "-pk"]
    fields = [
        "person",
        "kind",
        "channel",
        "language",
        "queued_at",
        "attempts",
        "next_try_at",
        "sent_at",
        "given_up_at",
        "provider_reference",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).defer("content")

    @admin.display(description="état")
    def state(self, message: OutgoingMessage) -> str:
        if message.sent_at:
            return "parti"
        return "abandonné" if message.given_up_at else "en attente"


# Legal holds ----------------------------------------------------------------------------------------------------------


class HoldForm(forms.Form):
    """One kind of record, by its numbers."""

    model = forms.ChoiceField(label="Ce qui est gelé", choices=lambda: [(d.name, d.label) for d in holdable()])
    numbers = forms.CharField(label="Numéros", help_text="Séparés par des virgules ou des espaces.")
    ground = forms.CharField(
        label="Motif", max_length=300, help_text="La procédure et sa référence, sans nommer personne."
    )
    review_on = forms.DateField(
        label="À revoir le",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=f"Dans les {HOLD_REVIEWED_WITHIN}.",
    )

    def clean_numbers(self) -> list[int]:
        words = self.cleaned_data["numbers"].replace(",", " ").split()
        if not all(word.isdecimal() and len(word) < 19 for word in words):
            raise forms.ValidationError("Des numéros seulement, comme 12, 15.")
        return [int(word) for word in words]

    def items(self) -> "QuerySet[Model]":
        """The records asked for. ValidationError when one is not there."""
        dataset = next(dataset for dataset in holdable() if dataset.name == self.cleaned_data["model"])
        numbers = self.cleaned_data["numbers"]
        found = dataset.model._base_manager.filter(pk__in=numbers).order_by("pk")
        missing = sorted({*numbers} - {*found.values_list("pk", flat=True)})
        if missing:
            raise forms.ValidationError(f"{dataset.label} : rien sous le numéro {missing[0]}.")
        return found


class ReviewForm(forms.Form):
    review_on = forms.DateField()


class HoldItemInline(admin.TabularInline):
    model = HoldItem
    extra = 0


@admin.register(LegalHold)
class LegalHoldAdmin(ReadOnlyAdmin):
    """Opened by one person, approved by another, released by either. Nothing is written over."""

    list_display = ["pk", "ground", "opened_by", "opened_at", "approved_at", "review_on", "released_at"]
    list_select_related = ["opened_by"]
    ordering = ["-pk"]
    inlines = [HoldItemInline]
    change_form_template = "admin/hold.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("privacy.add_legalhold")

    def get_urls(self) -> list[URLPattern]:
        acts = [("approuver", approve_hold, "Gel approuvé."), ("lever", release_hold, "Gel levé.")]
        own = [
            path(
                f"<int:pk>/{word}/",
                self.admin_site.admin_view(require_POST(self.act)),
                {"act": act, "done": done},
                name=f"privacy_legalhold_{act.__name__}",
            )
            for word, act, done in acts
        ]
        review = path(
            "<int:pk>/revoir/", self.admin_site.admin_view(require_POST(self.review)), name="privacy_legalhold_review"
        )
        return [review, *own, *super().get_urls()]

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        refuse_unless(request, "privacy.add_legalhold")
        form = HoldForm(request.POST or None)
        if form.is_valid():
            try:
                hold = open_hold(
                    form.items(),
                    ground=form.cleaned_data["ground"],
                    review_on=form.cleaned_data["review_on"],
                    by=signed_in(request),
                    now=timezone.now(),
                )
            except (HoldError, forms.ValidationError) as error:
                form.add_error(None, error if isinstance(error, forms.ValidationError) else str(error))
            else:
                messages.success(request, "Gel ouvert. Il vaudra quand une autre personne l’aura approuvé.")
                return redirect("admin:privacy_legalhold_change", hold.pk)
        context = {**self.admin_site.each_context(request), "title": "Ouvrir un gel juridique", "form": form}
        return TemplateResponse(request, "admin/hold_form.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        hold = self.get_object(request, object_id)
        alive = hold is not None and hold.released_at is None and request.user.has_perm("privacy.change_legalhold")
        others = alive and hold.approved_at is None and hold.opened_by_id != request.user.pk  # type: ignore[union-attr]
        return super().change_view(request, object_id, form_url, {"may_release": alive, "may_approve": others})

    def review(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = ReviewForm(request.POST)
        if not form.is_valid():
            messages.error(request, "Donnez la date de la prochaine revue.")
            return redirect("admin:privacy_legalhold_change", pk)
        act = partial(review_hold, review_on=form.cleaned_data["review_on"])
        return self.act(request, pk, act=act, done="Gel revu, il continue.")

    def act(self, request: HttpRequest, pk: int, act: Any, done: str) -> HttpResponse:
        refuse_unless(request, "privacy.change_legalhold")
        hold = get_object_or_404(LegalHold, pk=pk)
        try:
            act(hold, by=signed_in(request), now=timezone.now())
        except HoldError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, done)
        return redirect("admin:privacy_legalhold_change", pk)


# Consents and the staff journal ---------------------------------------------------------------------------------------


@admin.register(ConsentEvent)
class ConsentEventAdmin(ReadOnlyAdmin):
    list_display = ["pk", "person", "purpose", "answer", "channel", "wording", "at", "actor"]
    list_filter = ["purpose", "answer", "channel"]
    list_select_related = ["person", "wording", "actor"]
    search_fields = ["=person__pk"]
    search_help_text = "Le numéro d’une fiche."
    ordering = ["-at", "-pk"]


@admin.register(ConsentWording)
class ConsentWordingAdmin(ReadOnlyAdmin):
    list_display = ["purpose", "version", "sha256"]


@admin.register(JournalBlock)
class JournalBlockAdmin(ReadOnlyAdmin):
    list_display = ["pk", "day", "entries", "sealed_at", "hash"]
    ordering = ["-pk"]


@admin.register(JournalEntry)
class JournalEntryAdmin(ReadOnlyAdmin):
    """Read only, for everyone: the database would refuse anything else. What is listed can be exported."""

    list_display = ["at", "actor", "action", "model", "object_id", "details", "network"]
    list_filter = ["at", "action", "model", ("actor", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["actor"]
    date_hierarchy = "at"
    ordering = ["-at", "-pk"]
    search_fields = ["object_id"]
    search_help_text = "Le numéro d’une fiche (12), ou d’un autre dossier avec son modèle (callcenter.Call 12)."
    change_list_template = "admin/journal.html"

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export), name="privacy_journalentry_export")
        return [export, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By record, since nothing else is in here to be looked for."""
        if not search_term:
            return queryset, False
        model, _, number = search_term.strip().rpartition(" ")
        if not number.isdecimal() or len(number) > LONGEST_ID:
            return queryset.none(), False
        return queryset.filter(model=model or settings.PRIVACY_SUBJECT_MODEL, object_id=int(number)), False

    def export(self, request: HttpRequest) -> StreamingHttpResponse:
        """The rows that the filters in the address leave, as CSV; told to the journal like any other act."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = self.get_changelist_instance(request).get_queryset(request)
        journal.record_of_none(
            JournalEntry, action="export", by=signed_in(request), now=timezone.now(), rows=rows.count()
        )
        return StreamingHttpResponse(
            journal.as_csv(rows),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="journal.csv"'},
        )
