"""
Settings of the whole project, read from the environment.

`SOFRATEL_MODE` says what this process is for:

production  the default; refuses to start while a `setting` below is missing
demo        what `make run` and a bare `manage.py` use: invented data, this machine only, a banner on every page
test        what `make test` uses
"""

from datetime import timedelta
from pathlib import Path

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from sofratel.embedded import sockets

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

MODE = env("SOFRATEL_MODE", default="production")
if MODE not in ("production", "demo", "test"):
    raise ImproperlyConfigured(f"SOFRATEL_MODE is {MODE!r}: it must be production, demo or test.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"

LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
EMBEDDED_DATABASE_URL = sockets.database_url(VAR_DIR)
EMBEDDED_REDIS_URL = sockets.redis_url(
    VAR_DIR, database=1 if MODE == "test" else 0
)  # tests leave the demo's queue alone


def setting(name: str, *, elsewhere: str) -> str:
    """The environment's value; outside production, and only there, it may be left out."""
    value = env(name, default="")
    if not value and PRODUCTION:
        raise ImproperlyConfigured(f"{name} must be set in production (SOFRATEL_MODE=demo needs none).")
    return value or elsewhere


# Security -------------------------------------------------------------------------------------------------------------

if DEMO and (env("SECRET_KEY", default="") or env("MASTER_KEYS", default="")):
    raise ImproperlyConfigured("A production secret (SECRET_KEY, MASTER_KEYS) cannot be used in demo mode.")

SECRET_KEY = setting("SECRET_KEY", elsewhere=f"{MODE}-only-not-a-secret-{'0' * 40}")
# Comma-separated Fernet keys: the first encrypts, the others still decrypt, so that a key can be rotated.
MASTER_KEYS = setting("MASTER_KEYS", elsewhere="ZGVtby1tb2RlLW9ubHktbm90LWEtc2VjcmV0LWtleSE=").split(",")
ALLOWED_HOSTS = [
    host.strip() for host in setting("ALLOWED_HOSTS", elsewhere=",".join([*LOOPBACK_HOSTS, "testserver"])).split(",")
]
if DEMO and not set(ALLOWED_HOSTS) <= {*LOOPBACK_HOSTS, "testserver"}:
    raise ImproperlyConfigured("Demo mode answers on this machine only: ALLOWED_HOSTS must be loopback addresses.")

DEBUG = False
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "sofratel.errors.csrf_failure"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]
SECURE_HSTS_SECONDS = 63_072_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # tenants'; the others' end sooner, on the server (accounts.sign_in.sessions)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap's own SVG images are data: addresses
        "media-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}

# Applications ---------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "callcenter",
    "interventions",
    "accounts",
    "privacy",
    "sofratel.admin.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",  # a page of allauth's asks for it
    "django.forms",  # so that forms are rendered by our templates
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "phonenumber_field",
    "csp",
]

MIDDLEWARE = [
    "sofratel.middleware.RequestLog",
    "sofratel.restored.ReplayedFirst",
    "sofratel.middleware.ClientAddress",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sofratel.middleware.ReadersLanguage",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sign_in.middleware.SessionLimits",
    "accounts.sign_in.middleware.LoginRequired",
    "accounts.sign_in.middleware.SecondFactorRequired",
    "sofratel.middleware.NoStoreWhenSignedIn",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "privacy.navigation.visits.CountVisits",
    "sofratel.middleware.SayWhatIsNotAllowed",
]

ROOT_URLCONF = "sofratel.urls"
WSGI_APPLICATION = "sofratel.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sofratel.context.site",
                "privacy.navigation.context.cookies",
            ],
            "builtins": ["sofratel.templatetags.french", "sofratel.templatetags.icons"],
        },
    }
]

FORM_RENDERER = "sofratel.forms.FormRenderer"

# People ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["accounts.sign_in.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.sign_in.passwords.Strength"},
    {"NAME": "accounts.sign_in.passwords.NoContextualWord"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600

RECENT_LOGIN = timedelta(minutes=15)
ACCOUNT_ADAPTER = "accounts.sign_in.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # the second factor is asked for all the same
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(RECENT_LOGIN.total_seconds())
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": "5/5m/key"}  # the latter for codes; see throttling.py
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.forms.LoginForm",
    "reset_password": "accounts.sign_in.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.sign_in.forms.ResetPasswordKeyForm",
    "set_password": "accounts.sign_in.forms.SetPasswordForm",
    "change_password": "accounts.sign_in.forms.ChangePasswordForm",
    "add_email": "accounts.sign_in.forms.AddEmailForm",
    "reauthenticate": "accounts.sign_in.forms.ReauthenticateForm",
}
MFA_ADAPTER = "accounts.sign_in.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]  # recovery codes are ours, hashed
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "SOFRATEL CAT"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is in without a confirmed address; a new one may wait
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION  # http://localhost
MFA_FORMS = {
    "authenticate": "accounts.sign_in.forms.AuthenticateForm",
    "reauthenticate": "accounts.sign_in.forms.ReauthenticateByCodeForm",
    "activate_totp": "accounts.sign_in.forms.ActivateTOTPForm",
    "add_webauthn": "accounts.sign_in.forms.AddWebAuthnForm",
    "edit_webauthn": "accounts.sign_in.forms.EditWebAuthnForm",
}

PHONENUMBER_DEFAULT_REGION = "FR"
PHONENUMBER_DB_FORMAT = "E164"
PHONENUMBER_DEFAULT_FORMAT = "E164"

# Data -----------------------------------------------------------------------------------------------------------------

DATABASE_URL = setting("DATABASE_URL", elsewhere=EMBEDDED_DATABASE_URL)
REDIS_URL = setting("REDIS_URL", elsewhere=EMBEDDED_REDIS_URL)

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if not DATABASES["default"]["ENGINE"].endswith("postgresql"):
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database (postgres://…).")
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 0, "max_size": 8, "timeout": 10}
# Planned once a connection: planning a sheet's joins took PostgreSQL longer than running them.
DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": sockets.cache_url(REDIS_URL),
    }
}

# Tasks ----------------------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Europe/Paris"
PURGE_EVERY = timedelta(hours=1)
CELERY_BEAT_SCHEDULE = {
    "purge-expired": {"task": "privacy.tasks.purge_expired", "schedule": PURGE_EVERY},
    "watch-purge": {"task": "privacy.tasks.watch_purge", "schedule": 600.0},
    "sweep-files": {"task": "privacy.tasks.sweep_files", "schedule": 24 * 3600.0},
    "count-audience": {"task": "privacy.tasks.count_audience", "schedule": 3600.0},
    "go-on-erasing": {"task": "privacy.tasks.go_on_erasing", "schedule": 300.0},
    "prune-ledger": {"task": "privacy.tasks.prune_ledger", "schedule": 24 * 3600.0},
    "seal-journal": {"task": "privacy.tasks.seal_journal", "schedule": 60.0},
    "escalate-late-interventions": {"task": "interventions.tasks.escalate_late", "schedule": 60.0},
    "watch-unanswered-dispatches": {"task": "interventions.tasks.watch_unanswered", "schedule": 60.0},
    "chase-attestations": {"task": "interventions.tasks.chase_attestations", "schedule": 3600.0},
    "end-stays": {"task": "interventions.tasks.end_stays", "schedule": 60.0},
    "warn-of-late-reviews": {"task": "callcenter.tasks.warn_of_late_reviews", "schedule": 3600.0},
    "close-dormant-interventions": {"task": "interventions.tasks.close_dormant", "schedule": 3600.0},
    "remind-of-requests": {"task": "privacy.tasks.remind_of_requests", "schedule": 24 * 3600.0},
    "tell-recipients": {"task": "privacy.tasks.tell_recipients", "schedule": 3600.0},
    "remind-of-breaches": {"task": "privacy.tasks.remind_of_breaches", "schedule": 600.0},
    "make-packages": {"task": "privacy.tasks.make_packages", "schedule": 60.0},
    "deliver-messages": {"task": "privacy.tasks.deliver_waiting", "schedule": 60.0},
    "warn-of-on-call-gaps": {"task": "callcenter.tasks.warn_of_on_call_gaps", "schedule": 3600.0},
    "count-figures": {"task": "interventions.tasks.count_figures", "schedule": crontab(hour=3, minute=15)},
    "make-night-reports": {"task": "callcenter.tasks.make_night_reports", "schedule": 60.0},
    "deliver-webhooks": {"task": "interventions.tasks.deliver_webhooks", "schedule": 60.0},
    "close-silent-complaints": {"task": "interventions.tasks.close_silent_complaints", "schedule": 3600.0},
    "forget-merged-people": {"task": "accounts.tasks.forget_merged_people", "schedule": 3600.0},
    "make-accounting-exports": {"task": "interventions.tasks.make_accounting_exports", "schedule": 60.0},
    "make-invoice-documents": {"task": "interventions.tasks.make_invoice_documents", "schedule": 300.0},
    "remind-of-invoices": {
        "task": "interventions.tasks.remind_of_invoices",
        "schedule": crontab(hour=10, minute=0, day_of_week="mon-fri"),  # when a message disturbs nobody
    },
    "ask-after-online-payments": {"task": "interventions.tasks.ask_after_online_payments", "schedule": 900.0},
    "warn-sleeping-accounts": {"task": "accounts.tasks.warn_sleeping_accounts", "schedule": 3600.0},
}

# Privacy --------------------------------------------------------------------------------------------------------------

PURGE_LATE_AFTER = timedelta(hours=2)  # without a whole run
# Whose data it is: `privacy` reaches people by this setting, as Django reaches users.
PRIVACY_SUBJECT_MODEL = "accounts.Person"
PRIVACY_SOURCES = [BASE_DIR / app for app in ("privacy", "accounts", "interventions", "callcenter")]
# Namespaces of the pages that the public and tenants open: these ask about cookies, and count whoever agreed.
PUBLIC_NAMESPACES = {"", "privacy", "rights_form", "cookies", "portal"}
# More than this share of a table, and more rows than this, in one run: the purge asks for a person's go-ahead.
PURGE_ALARM = {"share": env.float("PURGE_ALARM_SHARE", default=0.5), "rows": env.int("PURGE_ALARM_ROWS", default=1000)}

# Where webhooks may go by plain http and on this machine, as host:port: to the servers that tests start.
WEBHOOK_TEST_HOSTS: list[str] = []

# Messages -------------------------------------------------------------------------------------------------------------

SITE_URL = setting("SITE_URL", elsewhere=f"http://127.0.0.1:{env('PORT', default='') or 8000}").rstrip("/")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = setting("DEFAULT_FROM_EMAIL", elsewhere="SOFRATEL CAT <demo@sofratel.example>")
EMAIL_TIMEOUT = 8
if PRODUCTION:
    globals().update(env.email_url_config(setting("EMAIL_URL", elsewhere="")))
    SMS_BACKEND = "privacy.outbox.ovh.Ovh"
    SMS_URL = setting("SMS_URL", elsewhere="")
else:  # shown by the demonstration at /boite/; Django's tests keep mails in memory by themselves
    EMAIL_BACKEND = "privacy.outbox.mailbox.Mails"
    SMS_BACKEND = "privacy.outbox.mailbox.Texts" if DEMO else "privacy.outbox.sms.InMemory"
MAILBOX_DIR = VAR_DIR / "mailbox"

# The journal of erasures, outside the database and its backups: a folder that all hosts share, or a bucket of its own
# as STORAGES["ledger"]. Its keys outlive the others': the first writes, all of them read.
LEDGER_ROOT = env("LEDGER_ROOT", default=str(VAR_DIR / "ledger"))
LEDGER_KEYS = env("LEDGER_KEYS", default=",".join(MASTER_KEYS)).split(",")

# Language, files, logs ------------------------------------------------------------------------------------------------

# Tenants and the public read either (`ReadersLanguage`), everyone at work reads French.
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = int(timedelta(days=180).total_seconds())
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = PRODUCTION, True, "Lax"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env("STATIC_ROOT", default=str(VAR_DIR / "static")) if PRODUCTION else None
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}

# Nothing of it is served by its address: what may be seen goes through a view.
MEDIA_ROOT = env("MEDIA_ROOT", default=str(VAR_DIR / "media"))
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000  # a draft of 500 lines has eight a line
RECORDING_MAX_BYTES = 200 * 1024**2
# Where a ClamAV looks at what strangers send (tcp://host:3310). Once one is named, nothing goes past it.
CLAMAV_URL = env("CLAMAV_URL", default="")

# One JSON object a line: ids only, never a name, a number, an address or a text.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "sofratel.logs.Line",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "filters": {"tokens": {"()": "sofratel.middleware.HideTokens"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO" if MODE != "test" else "WARNING")},
    "loggers": {
        "django.request": {"level": "ERROR", "filters": ["tokens"]},
        "django.server": {"level": "ERROR"},
    },
}

# What the telephone system shows at its door, /cti/<token>/. Without one, the door stays shut.
CTI_TOKEN = env("CTI_TOKEN", default="")

# Paying invoices online, by Stripe Checkout: offered once both are set.
STRIPE_SECRET_KEY = env("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env("STRIPE_API_BASE", default="https://api.stripe.com")
if bool(STRIPE_SECRET_KEY) != bool(STRIPE_WEBHOOK_SECRET):
    raise ImproperlyConfigured("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET go together: what is paid must be told.")
if DEMO and STRIPE_SECRET_KEY.startswith(("sk_live_", "rk_live_")):
    raise ImproperlyConfigured("A live key of Stripe's (STRIPE_SECRET_KEY) cannot be used in demo mode.")
if STRIPE_SECRET_KEY:  # a form may lead to its page
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"].append("https://checkout.stripe.com")

# The company, as pages and letters name it.
COMPANY_NAME = "SOFRATEL CAT"
# And as invoices have to (code de commerce R123-237); each keeps what was true on its day.
COMPANY = {
    "name": COMPANY_NAME,
    "legal_form": "SAS",
    "capital": "100\N{NARROW NO-BREAK SPACE}000\N{NO-BREAK SPACE}€",
    "street": "215 rue du Comte d’Artois",
    "postcode": "59400",
    "city": "Cambrai",
    "country": "FR",
    "siren": "450607429",
    "registry": "RCS Douai 450\N{NO-BREAK SPACE}607\N{NO-BREAK SPACE}429",
    "vat_number": "FR35450607429",
    # Where transfers go. Without one, no invoice offers them.
    "iban": env("COMPANY_IBAN", default="" if PRODUCTION else "FR7630006000011234567890189"),
}
EMERGENCY_PHONE = setting("EMERGENCY_PHONE", elsewhere="+33353010000")
