"""Settings are read once a process, so each case is a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SOFRATEL_MODE": "production",
    "SECRET_KEY": "only-for-this-test-" + "x1" * 30,
    "MASTER_KEYS": "b25seS1mb3ItdGhpcy10ZXN0LTAxMjM0NTY3ODkwMTI=",
    "ALLOWED_HOSTS": "sofratel.example",
    "DATABASE_URL": "postgres://sofratel@db.example/sofratel",
    "REDIS_URL": "redis://redis.example/0",
    "EMERGENCY_PHONE": "+33353010000",
    "SITE_URL": "https://sofratel.example",
    "EMAIL_URL": "smtp+tls://sofratel:secret@mail.example:587",
    "DEFAULT_FROM_EMAIL": "SOFRATEL CAT <ne-pas-repondre@sofratel.example>",
    "SMS_URL": "https://key:secret@eu.api.ovh.com/1.0/sms/sms-ab1-1?consumer_key=key&sender=SOFRATEL",
}


def load_settings(environment: dict[str, str], show: str = "MODE") -> subprocess.CompletedProcess[str]:
    code = f"from sofratel import settings; print(settings.{show})"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def manage(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_when_everything_is_set():
    loaded = load_settings(PRODUCTION)
    assert (loaded.returncode, loaded.stdout) == (0, "production\n"), loaded.stderr


@pytest.mark.parametrize("missing", sorted(set(PRODUCTION) - {"SOFRATEL_MODE"}))
def test_production_refuses_to_start_without(missing):
    loaded = load_settings({name: value for name, value in PRODUCTION.items() if name != missing})
    assert loaded.returncode != 0
    assert f"{missing} must be set in production" in loaded.stderr


def test_no_mode_means_production():
    loaded = load_settings({})
    assert loaded.returncode != 0
    assert "must be set in production" in loaded.stderr


def test_an_unknown_mode_is_refused():
    loaded = load_settings({**PRODUCTION, "SOFRATEL_MODE": "prod"})
    assert loaded.returncode != 0
    assert "SOFRATEL_MODE is 'prod'" in loaded.stderr


def test_the_demo_needs_nothing():
    loaded = load_settings({"SOFRATEL_MODE": "demo"})
    assert (loaded.returncode, loaded.stdout) == (0, "demo\n"), loaded.stderr


@pytest.mark.parametrize("secret", ["SECRET_KEY", "MASTER_KEYS"])
def test_the_demo_refuses_a_production_secret(secret):
    loaded = load_settings({"SOFRATEL_MODE": "demo", secret: PRODUCTION[secret]})
    assert loaded.returncode != 0
    assert "cannot be used in demo mode" in loaded.stderr


@pytest.mark.parametrize("hosts", ["sofratel.example", "localhost,192.0.2.1", "*", ".localhost"])
def test_the_demo_refuses_an_address_that_others_reach(hosts):
    loaded = load_settings({"SOFRATEL_MODE": "demo", "ALLOWED_HOSTS": hosts})
    assert loaded.returncode != 0
    assert "this machine only" in loaded.stderr


@pytest.mark.parametrize("alone", ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"])
def test_nothing_is_paid_online_that_nobody_would_be_told_of(alone):
    loaded = load_settings({**PRODUCTION, alone: "x"})
    assert loaded.returncode != 0
    assert "go together" in loaded.stderr


def test_a_form_leads_to_the_payment_provider_only_where_it_is_used():
    keys = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    shown = "CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action']"
    assert "stripe" not in load_settings(PRODUCTION, shown).stdout
    assert "'https://checkout.stripe.com'" in load_settings({**PRODUCTION, **keys}, shown).stdout


def test_the_demo_takes_nobodys_money():
    keys = {"STRIPE_SECRET_KEY": "sk_live_1", "STRIPE_WEBHOOK_SECRET": "whsec_1"}
    loaded = load_settings({"SOFRATEL_MODE": "demo", **keys})
    assert loaded.returncode != 0
    assert "cannot be used in demo mode" in loaded.stderr
    keys["STRIPE_SECRET_KEY"] = "sk_test_1"
    assert load_settings({"SOFRATEL_MODE": "demo", **keys}).returncode == 0


def test_cookies_and_redirects_are_strict_in_production():
    loaded = load_settings(
        PRODUCTION, "SECURE_SSL_REDIRECT, settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.DEBUG"
    )
    assert loaded.stdout == "True True True False\n", loaded.stderr


def test_mails_leave_production_by_the_server_of_email_url():
    loaded = load_settings(
        PRODUCTION, "EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.SITE_URL"
    )
    expected = "django.core.mail.backends.smtp.EmailBackend mail.example 587 True https://sofratel.example\n"
    assert loaded.stdout == expected, loaded.stderr


def test_the_links_of_the_demo_lead_to_its_port():
    assert load_settings({"SOFRATEL_MODE": "demo"}, "SITE_URL").stdout == "http://127.0.0.1:8000\n"
    loaded = load_settings({"SOFRATEL_MODE": "demo", "PORT": "8123"}, "SITE_URL")
    assert loaded.stdout == "http://127.0.0.1:8123\n"


@pytest.mark.parametrize("alone", ["SECRET_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"])
def test_manage_py_does_not_fall_into_the_demo_when_a_production_variable_was_forgotten(alone):
    refused = manage({alone: PRODUCTION[alone]}, "showmigrations")
    assert refused.returncode != 0
    assert len(refused.stderr.splitlines()) == 1
    assert "must be set in production (SOFRATEL_MODE=demo needs none)" in refused.stderr


def test_a_wrong_command_has_a_status_that_says_so():
    assert manage({}, "check").returncode == 0
    assert manage({}, "no_such_command").returncode != 0
