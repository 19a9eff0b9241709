import os

os.environ["SOFRATEL_MODE"] = "test"

from sofratel.settings import *  # noqa: F403
from sofratel.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.privacy.sample"]
