"""What drafts and estimates share: to whom they are made out, their lines, and telling the second of two writers."""

from decimal import Decimal
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db import models
from django.db.models import Max
from django.http import HttpRequest
from django.utils.text import capfirst
from phonenumbers import SUPPORTED_REGIONS

from accounts.models import User
from interventions.models import Estimate, InvoiceDraft
from interventions.models.estate import SIREN, VAT_NUMBER
from privacy.journalled_admin import JournalledAdmin

NBSP = "\N{NO-BREAK SPACE}"
BLANK_LINES = 5
MOST_LINES = 500  # eight fields each, of those that settings.DATA_UPLOAD_MAX_NUMBER_FIELDS allows
HERE = "FR"
CHANGED_MEANWHILE = (
    "Quelqu’un d’autre a modifié cette page pendant que vous l’écriviez. Rien n’a été enregistré"
    f"{NBSP}: ouvrez-la dans un autre onglet, et reportez-y ce que vous avez écrit."
)


def staff(request: HttpRequest) -> User:
    """Who is behind the door of the admin site."""
    return cast(User, request.user)


class AmountInput(forms.TextInput):
    """Amounts are copied with the spaces between their thousands, and their sign."""

    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal", "size": 10})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        typed = super().value_from_datadict(data, files, name)
        return "".join(typed.rstrip("€ ").split()) if isinstance(typed, str) else typed


def day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def fingerprint(piece: InvoiceDraft | Estimate) -> str:
    """Of all that is written in it now: another one means that somebody wrote since."""
    lines = list(piece.lines.order_by("pk").values_list())
    fields = [getattr(piece, field.attname) for field in piece._meta.concrete_fields]
    return sha256(repr((fields, lines)).encode()).hexdigest()[:16]


class Spaceless(forms.CharField):
    """Numbers are copied with the spaces of their letterhead."""

    def to_python(self, value: Any) -> str:
        return "".join((super().to_python(value) or "").split()).upper()


class CountryField(forms.CharField):
    def clean(self, value: Any) -> str:
        code = super().clean(value).upper() or HERE
        if code not in SUPPORTED_REGIONS:
            raise forms.ValidationError(f"Le pays s’écrit en deux lettres{NBSP}: FR, BE, LU…")
        return code


def siren_field() -> forms.CharField:
    return Spaceless(label="SIREN", required=False, validators=[SIREN], help_text="9 chiffres, d’une entreprise.")


def vat_number_field() -> forms.CharField:
    return Spaceless(label="Numéro de TVA", required=False, validators=[VAT_NUMBER], help_text="Comme FR12345678901.")


def country_field() -> forms.CharField:
    return CountryField(label="Pays", required=False, help_text="Deux lettres\N{NO-BREAK SPACE}: FR, BE, LU…")


class PieceForm(forms.ModelForm):
    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    billed_country = country_field()
    billed_siren = siren_field()
    billed_vat_number = vat_number_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = fingerprint(self.instance)

    def clean(self) -> None:
        super().clean()
        kind = type(self.instance)
        current = kind.objects.select_for_update(of=("self",)).filter(pk=self.instance.pk).first()
        if current is None or self.cleaned_data.get("seen") != fingerprint(current):
            raise forms.ValidationError(CHANGED_MEANWHILE)


def plainly(number: Decimal, *, decimals: int) -> Decimal:
    """Without the zeros that a column adds, but for so many decimals."""
    least = Decimal(1).scaleb(-decimals)
    return number.quantize(least) if number == number.quantize(least) else number.normalize()


class LineForm(forms.ModelForm):
    class Meta:
        localized_fields = ("quantity", "unit_price")
        widgets = {"quantity": AmountInput(), "unit_price": AmountInput()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["quantity"] = plainly(self.instance.quantity, decimals=0)
            self.initial["unit_price"] = plainly(self.instance.unit_price, decimals=2)

    def clean_quantity(self) -> Decimal:
        quantity: Decimal = self.cleaned_data["quantity"]
        if not quantity:
            raise forms.ValidationError(
                "La quantité ne peut pas être zéro. Cochez plutôt «\N{NO-BREAK SPACE}Supprimer\N{NO-BREAK SPACE}»."
            )
        return quantity


class LineInline(admin.TabularInline):
    form = LineForm
    fields = ["designation", "quantity", "unit", "unit_price", "vat"]
    extra = BLANK_LINES
    max_num = MOST_LINES
    verbose_name_plural = "lignes"


class PieceAdmin(JournalledAdmin):
    """A piece that is being written, with its lines."""

    form = PieceForm
    actions = None
    show_full_result_count = False
    list_per_page = 50
    formfield_overrides = {models.DateField: {"widget": day_input()}}
    debtor_fields = [
        "billed_name",
        "billed_street",
        ("billed_postcode", "billed_city", "billed_country"),
        ("billed_siren", "billed_vat_number"),
    ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        listed = super().get_changelist_instance(request)
        listed.title = capfirst(str(self.opts.verbose_name_plural))
        return listed

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """New lines come after those that are there."""
        lines = formset.save(commit=False)
        for line in formset.deleted_objects:
            line.delete()
        last = form.instance.lines.aggregate(last=Max("position"))["last"] or 0
        for line in lines:
            if line.position is None:
                last += 1
                line.position = last
            line.save()

    @admin.display(description="client", ordering="billed_name")
    def client(self, piece: InvoiceDraft | Estimate) -> str:
        return piece.billed_name
