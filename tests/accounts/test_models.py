import pytest
from django.db import IntegrityError, transaction

from accounts.models import Person, Phone, Title, User
from accounts.roles import Role
from tests.factories import PersonFactory, PhoneFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "sees"), [(Role.AGENT, "all"), (Role.SUPERVISOR, "all"), (Role.TENANT, "own")])
def test_the_desk_sees_everyone_and_anyone_else_only_themselves(role, sees):
    own, neighbour = PersonFactory(), PersonFactory()
    seen = set(Person.objects.visible_to(UserFactory(role=role, person=own)))
    assert seen == ({own, neighbour} if sees == "all" else {own})


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.AGENT, Role.SUPERVISOR)])
def test_who_is_nobody_sees_nobody(role):
    PersonFactory()
    assert not Person.objects.visible_to(UserFactory(role=role)).exists()


def test_a_person_is_called_as_on_a_letter_box():
    assert PersonFactory(title=Title.MRS, family_name="Dupont", given_name="Marie").full_name == "Mme DUPONT Marie"
    assert PersonFactory(family_name="Dupont", given_name="").full_name == "DUPONT"


def test_assistance_is_told_in_words():
    assert PersonFactory(assistance=["long_ring", "interpreter"]).assistance_labels == [
        "Laisser sonner longtemps",
        "Interprète",
    ]


def test_what_names_a_row_in_a_log_tells_nothing():
    phone, user = PhoneFactory(number="+33327123456"), UserFactory(full_name="Canari", email="canari@exemple.example")
    assert str(phone) == f"téléphone {phone.pk}"
    assert str(phone.person) == f"fiche {phone.person.pk}"
    assert str(user) == f"compte {user.pk}"


def test_an_account_without_a_name_is_shown_by_its_number():
    named, nameless = UserFactory(full_name="Nadia Wattel"), UserFactory(full_name="")
    assert [named.display_name, nameless.display_name] == ["Nadia Wattel", f"compte {nameless.pk}"]


@pytest.mark.parametrize("number", ["0327123456", "+0327123456", "+33 3", "", "+12345678901234567"])
def test_the_database_takes_only_e164(number):
    person = PersonFactory()
    with pytest.raises(Exception, match=r"phone_is_e164|too long"), transaction.atomic():
        Phone.objects.create(person=person, number=number)


def test_a_person_has_a_number_once_and_two_people_may_share_it():
    phone = PhoneFactory()
    PhoneFactory(number=phone.number)
    with pytest.raises(IntegrityError, match="phone_once_a_person"), transaction.atomic():
        PhoneFactory(person=phone.person, number=phone.number)


def test_an_e_mail_signs_in_one_login_whatever_its_case():
    user = User.objects.create_user("Nadia@Exemple.example", "un mot de passe", role=Role.AGENT)
    assert User.objects.get_by_natural_key("nadia@exemple.EXAMPLE") == user
    assert user.check_password("un mot de passe")
    with pytest.raises(IntegrityError, match="user_email_once"), transaction.atomic():
        UserFactory(email="NADIA@exemple.example")


@pytest.mark.parametrize("role", Role)
def test_who_may_do_what_in_the_admin_site(role):
    user = UserFactory(role=role)
    assert user.is_staff == (role in (Role.DPO, Role.ACCOUNTING, Role.ADMINISTRATOR))
    assert user.has_perm("accounts.change_person") == (role == Role.ADMINISTRATOR)
    assert user.has_perm("privacy.view_journalentry") == (role in (Role.ADMINISTRATOR, Role.DPO))
    assert user.has_module_perms("privacy") == (role in (Role.ADMINISTRATOR, Role.DPO))
    assert user.has_perm("privacy.view_rightsrequest") == (role == Role.DPO)
    assert user.has_perm("privacy.add_purgeapproval") == (role == Role.DPO)
    assert user.has_perm("privacy.change_legalhold") == (role == Role.DPO)
    assert not user.has_perm("privacy.delete_receipt")
    assert user.is_desk == (role in (Role.AGENT, Role.SUPERVISOR))
    user.is_active = False
    assert not user.has_perm("privacy.view_journalentry")
    assert not user.has_module_perms("privacy")
    assert not user.is_superuser


def test_a_superuser_is_the_administrator():
    assert User.objects.create_superuser("admin@exemple.example", "un mot de passe").is_superuser
