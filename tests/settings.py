import os

os.environ["SOFRATEL_MODE"] = "test"

from sofratel.settings import *  # noqa: F403
