import json
import logging

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from tests.factories import UserFactory
from tests.sofratel.test_settings import PRODUCTION, load_settings


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("private")


@login_not_required
def public(request: HttpRequest, token: str = "") -> HttpResponse:
    return HttpResponse("public")


urlpatterns = [
    path("private/", private),
    path("public/", public),
    path("p/<str:token>/", public),
    path("connexion/", public, name="login"),
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def user():
    return UserFactory()


def request_lines(caplog):
    return [record for record in caplog.records if record.name == "sofratel.requests"]


def test_the_content_policy_allows_our_own_files_only(client):
    policy = client.get("/public/")["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "font-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("address", ["/public/", "/private/", "/no-such-page/"])
def test_every_answer_has_the_strict_headers(client, address):
    response = client.get(address)
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"


def test_only_production_asks_for_https_for_two_years(client):
    assert "Strict-Transport-Security" not in client.get("/public/", secure=True)
    loaded = load_settings(
        PRODUCTION, "SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS, settings.SECURE_HSTS_PRELOAD"
    )
    assert loaded.stdout == "63072000 True True\n", loaded.stderr


def test_a_page_needs_a_login_unless_it_is_marked(client, user):
    assert client.get("/public/").status_code == 200
    assert client.get("/private/").url == "/connexion/?next=/private/"
    client.force_login(user)
    assert client.get("/private/").content == b"private"


def test_what_a_signed_in_person_sees_stays_in_no_cache(client, user):
    assert "Cache-Control" not in client.get("/public/")
    client.force_login(user)
    assert client.get("/private/")["Cache-Control"] == "no-store, private"


def test_a_request_leaves_one_line_with_ids_only(client, user, caplog):
    caplog.set_level(logging.INFO, "sofratel.requests")
    client.force_login(user)
    client.get("/private/?nom=Delattre")
    (line,) = request_lines(caplog)
    assert (line.method, line.path, line.status, line.user) == ("GET", "/private/", 200, str(user.pk))
    assert "Delattre" not in json.dumps(line.__dict__, default=str)


def test_no_log_line_tells_a_token(client, caplog):
    caplog.set_level(logging.INFO, "sofratel.requests")
    assert client.get("/p/secret-token/").content == b"public"
    (line,) = request_lines(caplog)
    assert line.path == "/p/…/"


def test_no_log_line_repeats_an_address_that_is_not_ours(client, caplog):
    caplog.set_level(logging.INFO, "sofratel.requests")
    assert client.get("/jeanne.delattre@example.fr").status_code == 404
    (line,) = request_lines(caplog)
    assert line.path is None
