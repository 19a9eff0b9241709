"""How who opens a link of ours shows that it is for them: signed in, or by a code sent to an address that we know."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Votre code"),
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


def hinted(address: str) -> str:
    """Enough for who knows it: «m•••@exemple.fr», «•• •• •• 56 78»."""
    if "@" in address:
        name, _at, domain = address.partition("@")
        return f"{name[0]}•••@{domain}"
    return f"•• •• •• {address[-4:-2]} {address[-2:]}"


def too_many_codes(request: HttpRequest) -> HttpResponse:
    return render(request, "privacy/link_wait.html", status=429)
