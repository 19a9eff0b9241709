import pytest
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.opening import AccountExists, open_account
from accounts.roles import Role
from tests.factories import NOW, PersonFactory
from tests.signing_in import PASSWORD, give_password

pytestmark = pytest.mark.django_db


def test_the_account_belongs_to_the_person_and_its_address_waits_to_be_confirmed(client):
    person = PersonFactory()
    account = open_account(person, email="Moi@Exemple.Example", password=PASSWORD, now=NOW)

    assert (account.email, account.person, account.role) == ("moi@exemple.example", person, Role.TENANT)
    assert give_password(client, account).url == "/compte/adresse/a-confirmer/"


def test_an_address_that_was_just_proved_opens_at_once(client):
    account = open_account(PersonFactory(), email="moi@exemple.example", password=PASSWORD, now=NOW, verified=True)
    assert give_password(client, account).url == "/"


@pytest.mark.parametrize("again", ["person", "address", "address in capitals"])
def test_there_is_one_account_a_person_and_a_person_an_address(again):
    person = PersonFactory()
    open_account(person, email="moi@exemple.example", password=PASSWORD, now=NOW)
    email = {"person": "autre@exemple.example", "address": "moi@exemple.example"}.get(again, "MOI@exemple.example")
    with pytest.raises(AccountExists):
        open_account(person if again == "person" else PersonFactory(), email=email, password=PASSWORD, now=NOW)
    assert User.objects.count() == 1


def test_a_password_with_the_persons_name_is_refused():
    person = PersonFactory(family_name="Brzezinski")
    with pytest.raises(ValidationError):
        open_account(person, email="moi@exemple.example", password="brzezinski de minuit", now=NOW)
    assert not User.objects.exists()
