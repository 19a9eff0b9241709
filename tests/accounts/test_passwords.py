"""What a password must be (CNIL 2022-100)."""

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User
from accounts.sign_in.passwords import bits
from tests.factories import PersonFactory


def user():
    return User(email="odile.varga@messagerie.example", full_name="Odile Kowalczyk-Ångström")


@pytest.mark.parametrize(
    "password",
    ["cheval agrafe batterie", "jnvrqpwodhzk", "7391 5402 8816", "Ü🙂 trois mots 9", "x" + "ab7Z" * 8 + "q" * 95],
)
def test_a_long_one_will_do_whatever_its_characters(password):
    validate_password(password, user())


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("plus court", "password_too_short"),
        ("739154028816", "too_weak"),  # 40 bits
        ("abcdabcdabcd", "repeated"),
        ("zzzzzzzzzzzzzz", "repeated"),
        ("x" * 3 + "ab7Zq" * 26, "too_long"),
        ("telechargement", "password_too_common"),
        ("sofratelpourtoujours", "contextual"),
        ("maison KOWALCZYK 12", "contextual"),
        ("maison de l angstrom", "contextual"),  # accents do not hide it
        ("varga et les autres", "contextual"),
        ("messagerie du matin", "contextual"),
    ],
)
def test_what_can_be_guessed_is_refused(password, code):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password, user())
    assert code in {error.code for error in refusal.value.error_list}


def test_the_tenants_own_name_is_a_contextual_word():
    tenant = user()
    tenant.person = PersonFactory.build(family_name="Brzezinski")
    validate_password("brzezinski de minuit", user())
    with pytest.raises(ValidationError):
        validate_password("brzezinski de minuit", tenant)


@pytest.mark.parametrize(("password", "expected"), [("a" * 12, 56.4), ("1" * 12, 39.9), ("aB1" * 4, 71.5), ("", 0)])
def test_bits_are_length_times_the_logarithm_of_the_alphabet(password, expected):
    assert bits(password) == pytest.approx(expected, abs=0.1)


def test_they_are_kept_by_argon2id():
    account = user()
    account.set_password("cheval agrafe batterie")
    assert identify_hasher(account.password).algorithm == "argon2"
    assert "argon2id" in account.password
