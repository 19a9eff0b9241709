"""
Telephone numbers that ring at nobody's, as long as there are enough of them.

ARCEP keeps blocks of 10,000 for fiction. (There is one of mobile numbers, 06 39 98, that libphonenumber takes for
invalid.) They come first. Beyond some 25,000 people they are used up: what follows then, in 03 54 and 03 55, is
invented like the rest, and whom it would ring at is nobody this data knows. The demonstration calls no one.
"""

from collections.abc import Iterator

DESK = 33199000000  # what tenants dial
COMPANIES = 33465710000  # landlords and providers
PEOPLE = (
    range(33353010000, 33353020000),
    range(33261910000, 33261920000),
    range(33536490000, 33536500000),
    range(33354000000, 33356000000),
)
STRIDE = 7919  # prime, so that neighbours do not have neighbouring numbers and each comes once


def people_numbers() -> Iterator[int]:
    for block in PEOPLE:
        for position in range(len(block)):
            yield block[(position * STRIDE + 1234) % len(block)]


def e164(number: int) -> str:
    return f"+{number}"
