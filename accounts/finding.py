"""How the DPO finds the record of who exercises a right: by its number, a telephone, an e-mail address or a name."""

from django.db.models import Model

from accounts.models import Person
from privacy.finding import MOST_FOUND, Candidate, Finder


def search(text: str) -> list[Candidate]:
    asked = text.strip()
    everyone = Person.objects.current()
    if "@" in asked:
        found = everyone.filter(email__iexact=asked)
    elif asked.isdecimal() and not asked.startswith("0") and len(asked) < 19:
        found = everyone.filter(pk=asked)
    elif asked.lstrip("+").replace(" ", "").isdecimal():
        found = everyone.with_phone(asked)
    else:
        found = everyone.named(asked)
    people = list(found.prefetch_related("phones")[:MOST_FOUND])
    if not people and any(char.isalpha() for char in asked) and "@" not in asked:
        people = list(everyone.sounding_like(asked).prefetch_related("phones")[:MOST_FOUND])
    return [Candidate(person.pk, person.full_name, details_of(person)) for person in people]


def details_of(person: Person) -> str:
    return ", ".join(filter(None, [person.email, *(phone.number for phone in person.phones.all())]))


def name_of(person: Model) -> str:
    return person.full_name if isinstance(person, Person) else ""


FINDER = Finder(search, name_of)
