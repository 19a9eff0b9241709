import pytest

from privacy import journal
from privacy.models import JournalEntry
from tests.factories import NOW, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_an_act_is_kept_with_its_author_moment_and_record():
    person, agent = PersonFactory(), UserFactory()
    journal.record(person, action="merge", by=agent, now=NOW, absorbed=12)
    entry = JournalEntry.objects.get()
    assert (entry.at, entry.actor, entry.action) == (NOW, agent, "merge")
    assert (entry.model, entry.object_id, entry.details) == ("accounts.Person", person.pk, {"absorbed": 12})


def test_the_system_is_nobody():
    journal.record(PersonFactory(), action="purge", by=None, now=NOW)
    assert JournalEntry.objects.get().actor is None


def test_an_entry_is_named_by_ids():
    person = PersonFactory(family_name="Canari")
    entry = journal.record(person, action="seen", by=None, now=NOW)
    assert str(entry) == f"seen accounts.Person {person.pk}"
