"""Fields that take what people really type."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import Assistance, Person, Phone
from accounts.names import clean_text
from accounts.phones import InvalidPhone, to_e164


class PhoneField(forms.CharField):
    """A number in any French spelling; its value is E.164."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            return to_e164(text)
        except InvalidPhone as error:
            raise ValidationError(_("Ce numéro n’existe pas : vérifiez les chiffres.")) from error


class LineField(forms.CharField):
    """One line of text, without what nobody sees: control characters, direction marks, double spaces."""

    def to_python(self, value: Any) -> str:
        return clean_text(super().to_python(value) or "")


class AmountField(forms.DecimalField):
    """Euros above zero, typed with a comma or a point."""

    widget = forms.TextInput(attrs={"inputmode": "decimal"})

    def __init__(self, **kwargs: Any) -> None:
        wrong = _("Donnez un montant. Exemple : 450,00.")
        super().__init__(
            max_digits=9,
            decimal_places=2,
            min_value=Decimal("0.01"),
            localize=True,
            error_messages={"invalid": wrong},
            **kwargs,
        )


class AssistanceField(forms.MultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Assistance, **kwargs)


class PersonForm(forms.ModelForm):
    """A person, and one more number of theirs."""

    family_name = LineField(label="Nom", max_length=100)
    given_name = LineField(label="Prénom", max_length=100, required=False)
    number = PhoneField(label="Téléphone", required=False)
    assistance = AssistanceField(
        label="Assistance",
        required=False,
        help_text="Ce que nous faisons autrement. Jamais pourquoi\N{NO-BREAK SPACE}: la personne peut le lire.",
    )

    class Meta:
        model = Person
        fields = ["title", "family_name", "given_name", "email", "language", "assistance"]

    def save(self, commit: bool = True) -> Person:
        person = super().save(commit)
        if self.cleaned_data["number"]:
            Phone.objects.get_or_create(person=person, number=self.cleaned_data["number"])
        return person
