"""Why a message has not left. The reason goes to the log: never an address, a number or an answer's text."""

from datetime import timedelta


class Refused(Exception):
    """It never will: trying again would be refused again."""


class TryAgain(Exception):
    """Not now; perhaps it has left all the same. `after` is how long the other side asks to be left alone."""

    def __init__(self, reason: str, *, after: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.after = after
