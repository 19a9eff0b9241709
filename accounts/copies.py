"""Where a person's name and numbers are written a second time: corrected with the first (GDPR article 16)."""

from collections.abc import Iterator

from accounts.models import Phone, User
from privacy.rights.rectification import on_rectification


def listen() -> None:
    on_rectification("accounts.Phone.number", correct_same_phones)
    for name in ("family_name", "given_name"):
        on_rectification(f"accounts.Person.{name}", correct_displayed_name)


def correct_same_phones(people: list[int], *, before: str, after: str) -> Iterator[Phone]:
    """On the person's other records. One that has the new number already only loses the old one."""
    known = set(Phone.objects.filter(person__in=people, number=after).values_list("person", flat=True))
    for phone in Phone.objects.select_for_update().filter(person__in=people, number=before).order_by("pk"):
        yield phone
        if phone.person_id in known:
            phone.delete()
        else:
            phone.number = after
            phone.save(update_fields=["number"])


def correct_displayed_name(people: list[int], *, before: str, after: str) -> Iterator[User]:
    """Of the login, which was named after the record."""
    for user in User.objects.select_for_update().filter(person__in=people).order_by("pk"):
        if before and before in user.full_name:
            user.full_name = " ".join(user.full_name.replace(before, after, 1).split())
            user.save(update_fields=["full_name"])
            yield user
