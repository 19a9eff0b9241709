"""
Telephone numbers that ring at nobody's.

ARCEP keeps these blocks of 10,000 for fiction. (There is one of mobile numbers, 06 39 98, that libphonenumber takes
for invalid.) A million people need more: they go on into 03 77 and 03 78, kept for calling machines.
"""

from collections.abc import Iterator

DESK = 33199000000  # what tenants dial
COMPANIES = 33465710000  # landlords and providers
PEOPLE = (
    range(33353010000, 33353020000),
    range(33261910000, 33261920000),
    range(33536490000, 33536500000),
    range(33377000000, 33379000000),
)
STRIDE = 7919  # prime, so that neighbours do not have neighbouring numbers and each comes once


def people_numbers() -> Iterator[int]:
    for block in PEOPLE:
        for position in range(len(block)):
            yield block[(position * STRIDE + 1234) % len(block)]


def e164(number: int) -> str:
    return f"+{number}"
