"""Codes of six digits: one use, ten minutes, five tries, and nothing to steal from the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.merging import merge_people
from privacy import codes
from privacy.models import OneTimeCode
from privacy.retention.purge import purge
from tests.concurrency import meanwhile
from tests.factories import NOW, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

SIGN_UP = "sign_up"


def issue(person, purpose=SIGN_UP, now=NOW):
    return codes.issue(person, purpose=purpose, now=now)


def check(person, code, purpose=SIGN_UP, now=NOW):
    return codes.check(person, code, purpose=purpose, now=now)


def another(code):
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_the_right_code_is_good_once():
    person = PersonFactory()
    code = issue(person)
    assert (len(code), code.isdecimal()) == (6, True)
    assert check(person, code)
    assert not check(person, code)


def test_spaces_around_it_are_forgiven():
    person = PersonFactory()
    assert check(person, f" {issue(person)}\n")


@pytest.mark.parametrize("wrong", ["", "12345", "not a code", "１２３４５６", "0" * 10_000])
def test_anything_else_is_not(wrong):
    person = PersonFactory()
    code = issue(person)
    assert not check(person, wrong)
    assert check(person, code)


def test_it_is_good_for_this_person_and_this_purpose_only():
    person, other = PersonFactory(), PersonFactory()
    code = issue(person)
    assert not check(other, code)
    assert not check(person, code, purpose="rights")
    assert check(person, code)


def test_it_is_good_for_ten_minutes():
    person = PersonFactory()
    code = issue(person)
    assert not check(person, code, now=NOW + timedelta(minutes=10))
    assert check(person, code, now=NOW + timedelta(minutes=9, seconds=59))


def test_five_tries_and_it_is_dead():
    person = PersonFactory()
    code = issue(person)
    for _ in range(4):
        assert not check(person, another(code))
    assert check(person, code)

    code = issue(person)
    for _ in range(5):
        assert not check(person, another(code))
    assert not check(person, code)
    assert OneTimeCode.objects.get().tries == 5


def test_a_new_code_kills_the_former_ones_of_its_purpose():
    person = PersonFactory()
    rights, first, second = issue(person, purpose="rights"), issue(person), issue(person)
    assert first == second or not check(person, first)
    assert check(person, second)
    assert check(person, rights, purpose="rights")


def test_codes_differ_and_keep_their_zeros(monkeypatch):
    person = PersonFactory()
    assert len({issue(person) for _ in range(20)}) > 15
    monkeypatch.setattr(codes.secrets, "randbelow", lambda limit: 42)
    assert issue(person) == "000042"
    assert check(person, "000042")


def test_the_database_holds_no_code_and_its_hash_needs_the_secret_key(settings):
    person = PersonFactory()
    code = issue(person)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM privacy_onetimecode c")
        (row,) = cursor.fetchone()
    assert OneTimeCode.objects.get().code_hash in row
    assert code not in row.replace(OneTimeCode.objects.get().code_hash, "")
    settings.SECRET_KEY = "another"
    assert not check(person, code)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_cannot_both_use_it():
    person = PersonFactory()
    code = issue(person)
    answers = []
    answers.append(meanwhile(lambda: answers.append(check(person, code)), lambda: check(person, code)))
    assert answers == [True, False]


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted():
    person = PersonFactory()
    code = issue(person)
    meanwhile(lambda: check(person, another(code)), lambda: check(person, another(code)))
    assert OneTimeCode.objects.get().tries == 2


@pytest.mark.django_db(transaction=True)
def test_two_issued_at_once_leave_one_alive():
    person = PersonFactory()
    issued = []
    issued.append(meanwhile(lambda: issued.append(issue(person)), lambda: issue(person)))
    assert OneTimeCode.objects.count() == 1
    assert check(person, issued[1])


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_replaced_while_it_is_checked_is_dead():
    person = PersonFactory()
    code = issue(person)
    assert meanwhile(lambda: issue(person), lambda: check(person, code)) is False


def test_a_day_later_it_is_gone():
    person = PersonFactory(created_at=timezone.now())
    issue(person, now=timezone.now() - timedelta(days=2))
    assert OneTimeCode.objects.exists()
    purge(now=timezone.now(), commit=True)
    assert not OneTimeCode.objects.exists()


def test_it_goes_with_its_person():
    person = PersonFactory()
    issue(person)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_person WHERE id = %s", [person.pk])
    assert not OneTimeCode.objects.exists()


def test_two_records_that_have_codes_can_be_merged():
    kept, absorbed = PersonFactory(), PersonFactory()
    issue(absorbed, now=NOW - timedelta(minutes=1))
    code = issue(kept)
    merge_people(kept, absorbed, by=UserFactory(), now=NOW)
    assert check(kept, code)
