import pytest

from accounts.forms import PersonForm
from accounts.models import Person
from tests.factories import PersonFactory, PhoneFactory

pytestmark = pytest.mark.django_db


def fill(instance=None, **data):
    return PersonForm({"family_name": "Dupont", "language": "fr"} | data, instance=instance)


def test_a_person_is_made_with_a_number():
    person = fill(number="03 27 12 34 56", assistance=["long_ring"]).save()
    assert [phone.number for phone in person.phones.all()] == ["+33327123456"]
    assert person.assistance == ["long_ring"]


def test_the_number_they_have_already_is_not_added_twice():
    phone = PhoneFactory(number="+33327123456")
    form = fill(phone.person, number="0327123456")
    assert form.is_valid()
    form.save()
    assert phone.person.phones.count() == 1


def test_an_impossible_number_is_refused_in_words():
    form = fill(number="12")
    assert form.errors == {"number": ["Ce numéro n’existe pas\N{NO-BREAK SPACE}: vérifiez les chiffres."]}


def test_what_nobody_sees_does_not_get_in():
    person = fill(family_name="\N{RIGHT-TO-LEFT MARK}Du  pont\t").save()
    assert person.family_name == "Du pont"
    assert fill(family_name="\N{RIGHT-TO-LEFT MARK} ").errors["family_name"]


@pytest.mark.parametrize("typed", ["x" * 101, "x" * 1_000_000])
def test_a_name_as_long_as_a_book_is_refused(typed):
    assert fill(family_name=typed).errors["family_name"]


def test_a_diagnosis_is_no_assistance():
    assert fill(assistance=["diabetic"]).errors["assistance"]


def test_an_invalid_form_changes_nothing():
    person = PersonFactory(family_name="Lemaire")
    assert not fill(person, number="12").is_valid()
    assert Person.objects.get().family_name == "Lemaire"
