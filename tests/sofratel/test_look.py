import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils.translation import override

from sofratel.errors import unavailable
from sofratel.templatetags.french import ago, clock, day, duration, euros, moment, phone
from sofratel.templatetags.icons import icon, icon_names

CSS = (settings.BASE_DIR / "static/css/sofratel.css").read_text()
TEMPLATES = sorted(
    path
    for folder in ("templates", "accounts", "callcenter", "interventions", "privacy")
    for path in (settings.BASE_DIR / folder).rglob("*.html")
)
TOKENS = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", CSS)
THEMES = {
    "light": {name: light for name, light, _ in TOKENS},
    "dark": {name: dark for name, _, dark in TOKENS},
}
GROUNDS = ("paper", "surface")
TEXT_PAIRS = [
    *(
        (text, ground)
        for text in ("ink", "muted", "petrol", "petrol-strong", "amber", "red", "green")
        for ground in GROUNDS
    ),
    *(("ink", f"{colour}-soft") for colour in ("petrol", "amber", "red", "green")),
    *((colour, f"{colour}-soft") for colour in ("petrol", "amber", "red", "green")),
    *((text, "petrol-soft") for text in ("muted", "amber", "red", "green")),  # the open row of the board
    ("petrol-strong", "petrol-soft"),
    ("on-petrol", "petrol"),
    ("on-petrol", "petrol-strong"),
    ("paper", "ink"),
]
SHAPE_PAIRS = [(shape, ground) for shape in ("edge", "petrol", "amber", "red") for ground in GROUNDS]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_is_readable_in_both_themes(theme: str, text: str, ground: str) -> None:
    assert contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("shape", "ground"), SHAPE_PAIRS)
def test_borders_of_fields_and_bars_can_be_seen(theme: str, shape: str, ground: str) -> None:
    assert contrast(THEMES[theme][shape], THEMES[theme][ground]) >= 3


def test_older_browsers_get_the_light_theme() -> None:
    fallback = CSS.split("@supports not", 1)[1].split("}", 1)[0]

    assert dict(re.findall(r"--([\w-]+): (#\w{6});", fallback)) == THEMES["light"]


def named_icons(template: Path) -> set[str]:
    return set(re.findall(r'{% icon "([^"]*)" %}', template.read_text()))


def test_every_icon_named_in_a_template_is_in_the_sprite() -> None:
    named = set().union(*(named_icons(template) for template in TEMPLATES))

    assert "telephone" in named
    assert named <= icon_names()


def test_icon_is_hidden_from_screen_readers() -> None:
    assert icon("droplet") == (
        '<svg class="icon" aria-hidden="true"><use href="/static/vendor/bootstrap-icons/sprite.svg#droplet"/></svg>'
    )


def test_unknown_icon_is_refused() -> None:
    with pytest.raises(LookupError, match="no icon 'unicorn'"):
        Template('{% icon "unicorn" %}').render(Context())


INLINE = re.compile(
    r"\sstyle=|<style|\son\w+=|\shx-on|javascript:|<script(?![^>]*(?:\ssrc=|application/json))", re.IGNORECASE
)


@pytest.mark.parametrize("forbidden", ['<p style="">', "<style>", "<a onclick=''>", "<a hx-on:click=''>", "<script>x"])
def test_inline_code_is_recognised(forbidden: str) -> None:
    assert INLINE.search(forbidden)


@pytest.mark.parametrize("template", TEMPLATES, ids=str)
def test_no_template_has_inline_style_or_script(template: Path) -> None:
    assert INLINE.findall(template.read_text()) == []


NOW = datetime(2026, 11, 23, 2, 26, tzinfo=UTC)  # 3:26 in Paris


@pytest.mark.parametrize(
    ("distance", "text"),
    [
        (timedelta(seconds=-59), "à l’instant"),
        (timedelta(minutes=-12), "il y a\u00a012\u00a0min"),
        (timedelta(minutes=-59, seconds=-59), "il y a\u00a059\u00a0min"),
        (timedelta(hours=-3), "il y a\u00a03\u00a0h"),
        (timedelta(hours=-1, minutes=-5), "il y a\u00a01\u00a0h\u00a005"),
        (timedelta(days=-1), "il y a\u00a01\u00a0jour"),
        (timedelta(days=-9), "il y a\u00a09\u00a0jours"),
        (timedelta(days=-75), "il y a\u00a02\u00a0mois"),
        (timedelta(days=-800), "il y a\u00a02\u00a0ans"),
        (timedelta(seconds=30), "maintenant"),
        (timedelta(minutes=20), "dans\u00a020\u00a0min"),
    ],
)
def test_ago(distance: timedelta, text: str) -> None:
    assert ago(NOW + distance, NOW) == text


def test_ago_takes_the_clock_of_the_page() -> None:
    page = Template("{{ at|ago:now }}, {{ at|clock }}")

    assert page.render(Context({"at": NOW - timedelta(minutes=12), "now": NOW})) == "il y a\u00a012\u00a0min, 03:14"


def test_moments_are_told_in_paris_time() -> None:
    at = datetime(2026, 11, 22, 23, 4, tzinfo=UTC)

    assert clock(at) == "00:04"
    assert day(at) == "23\u00a0novembre\u00a02026"
    assert moment(at) == "23\u00a0novembre\u00a02026 à\u00a00\u00a0h\u00a004"
    assert moment(NOW - timedelta(minutes=26)) == "23\u00a0novembre\u00a02026 à\u00a03\u00a0h"


def test_first_of_the_month() -> None:
    assert day(date(2027, 1, 1)) == "1er\u00a0janvier\u00a02027"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0, "0\u00a0s"),
        (45, "45\u00a0s"),
        (180, "3\u00a0min"),
        (200, "3\u00a0min\u00a020\u00a0s"),
        (3900, "1\u00a0h\u00a005"),
        (timedelta(seconds=200), "3\u00a0min\u00a020\u00a0s"),
    ],
)
def test_duration(length: timedelta | float, text: str) -> None:
    assert duration(length) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("+33612345678", "06\u00a012\u00a034\u00a056\u00a078"),
        ("+3225551212", "+32\u00a02\u00a0555\u00a012\u00a012"),
        ("masqué", "masqué"),
        ("", ""),
        (None, ""),
    ],
)
def test_phone(number: str | None, text: str) -> None:
    assert phone(number) == text


@pytest.mark.parametrize(
    ("amount", "french", "english"),
    [
        ("90", "90,00\u00a0€", "€90.00"),
        ("100.00", "100,00\u00a0€", "€100.00"),
        ("1234567.5", "1\u202f234\u202f567,50\u00a0€", "€1,234,567.50"),
        ("-12.30", "\u221212,30\u00a0€", "\u2212€12.30"),
        ("0.0335", "0,0335\u00a0€", "€0.0335"),
        ("33.3300", "33,33\u00a0€", "€33.33"),
    ],
)
def test_amounts_are_told_in_both_languages(amount: str, french: str, english: str) -> None:
    assert euros(Decimal(amount)) == french
    with override("en"):
        assert euros(Decimal(amount)) == english


def test_what_is_not_known_shows_nothing() -> None:
    assert [ago(None, NOW), clock(None), day(None), moment(None), duration(None), euros(None)] == [""] * 6


class CallForm(forms.Form):
    caller = forms.CharField(label="Qui appelle")
    access = forms.CharField(label="Accès", required=False, help_text="Digicode, étage")
    running = forms.ChoiceField(label="L’eau coule ?", choices=[("y", "Oui"), ("n", "Non")], widget=forms.RadioSelect)


def test_form_ties_labels_help_and_errors_to_their_fields() -> None:
    html = str(CallForm({"access": "4512"}))

    assert '<label for="id_caller">Qui appelle</label>' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_caller_error"' in html
    assert '<ul class="errorlist" id="id_caller_error"><li>Ce champ est obligatoire.</li></ul>' in html
    assert 'Accès <span class="optional">(facultatif)</span>' in html
    assert '<p class="help" id="id_access_helptext">Digicode, étage</p>' in html
    assert "<legend>L’eau coule ?</legend>" in html
    assert '<fieldset class="field" aria-describedby="id_running_error">' in html


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "405", "500", "503"])
def test_error_pages_need_no_context(name: str) -> None:
    page = render_to_string(f"{name}.html")

    assert '<html lang="fr">' in page
    assert page.count("<h1>") == 1


@pytest.mark.parametrize("name", ["404", "500"])
def test_error_in_a_panel_is_not_a_whole_page(name: str) -> None:
    fragment = render_to_string(f"{name}.html", {"layout": "errors/fragment.html"})

    assert "<h1>" in fragment
    assert "<html" not in fragment


def test_home_tells_the_number_to_call(client: Client) -> None:
    page = client.get("/").content.decode()

    assert f'href="tel:{settings.EMERGENCY_PHONE}"' in page
    assert phone(settings.EMERGENCY_PHONE) in page


def test_missing_page_is_ours(client: Client) -> None:
    response = client.get("/nulle-part/")

    assert response.status_code == 404
    assert "Cette page n’existe pas" in response.content.decode()
    assert phone(settings.EMERGENCY_PHONE) in response.content.decode()


def test_missing_panel_is_a_fragment(client: Client) -> None:
    response = client.get("/nulle-part/", headers={"HX-Request": "true"})

    assert response.status_code == 404
    assert "Cette page n’existe pas" in response.content.decode()
    assert "<html" not in response.content.decode()


def test_form_without_its_token_says_that_nothing_was_saved() -> None:
    response = Client(enforce_csrf_checks=True).post("/connexion/", {"username": "agent@demo.example"})

    assert response.status_code == 403
    assert "Ce formulaire a expiré" in response.content.decode()


def test_unavailable_says_when_to_come_back(rf: RequestFactory) -> None:
    response = unavailable(rf.get("/"))

    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert phone(settings.EMERGENCY_PHONE) in response.content.decode()
