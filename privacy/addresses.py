"""Where people can be reached: apps say so, for whose record they hold."""

from collections.abc import Callable

from django.db.models import Model

from privacy.models import Death

Addresses = Callable[..., list[str]]
known_addresses: list[Addresses] = []


def reached_by(addresses: Addresses) -> None:
    """``addresses(person)``: the e-mail addresses and E.164 mobiles that are known to be the person’s own."""
    known_addresses.append(addresses)


def addresses_of(person: Model) -> list[str]:
    """None once the person is dead."""
    if Death.objects.of(person).exists():
        return []
    return list(dict.fromkeys(to for addresses in known_addresses for to in addresses(person)))
