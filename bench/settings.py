from sofratel.settings import *  # noqa: F403
from sofratel.settings import INSTALLED_APPS as SITE_APPS

INSTALLED_APPS = ["bench", *SITE_APPS]
ROOT_URLCONF = "bench.urls"
