"""Whose data another person gave us is told so within a month, or exempt with a reason."""

from datetime import date, timedelta

import pytest

from accounts.roles import Role
from privacy.models import ThirdPartyNotice
from privacy.rights import information
from privacy.rights.information import How
from privacy.rights.workflow import RequestError
from tests.factories import NOW, CallFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=3)


@pytest.fixture
def dpo():
    return UserFactory(role=Role.DPO)


def test_a_month_is_what_there_is(dpo):
    notice = information.owe(PersonFactory(), source=CallFactory(), now=NOW)
    assert notice.due_on == date(2026, 4, 10)
    assert list(ThirdPartyNotice.objects.waiting()) == [notice]


def test_one_notice_is_enough(dpo):
    person = PersonFactory()
    first = information.owe(person, source=CallFactory(), now=NOW)
    assert information.owe(person, source=CallFactory(), now=LATER) == first
    assert information.mark_told(person, how=How.LETTER, by=dpo, now=LATER)
    information.owe(person, source=CallFactory(), now=LATER)
    assert not ThirdPartyNotice.objects.waiting().exists()
    assert not information.mark_told(person, how=How.LETTER, by=dpo, now=LATER)


def test_who_was_named_by_mistake_is_owed_nothing():
    call, person, other = CallFactory(), PersonFactory(), PersonFactory()
    information.owe(person, source=call, now=NOW)
    information.owe(other, source=call, now=NOW)
    information.take_back(call, but=other)
    assert [notice.person for notice in ThirdPartyNotice.objects.waiting()] == [other]


def test_an_exemption_says_which_and_why(dpo):
    notice = information.owe(PersonFactory(), source=CallFactory(), now=NOW)
    for exemption, reason in (("", "Injoignable."), ("impossible", " "), ("whatever", "Injoignable.")):
        with pytest.raises(RequestError, match="article 14"):
            information.exempt(notice, exemption=exemption, reason=reason, by=dpo, now=LATER)
    information.exempt(notice, exemption="impossible", reason="Aucune adresse connue.", by=dpo, now=LATER)
    assert not ThirdPartyNotice.objects.waiting().exists()
    with pytest.raises(RequestError, match="déjà informée"):
        information.exempt(notice, exemption="impossible", reason="Encore.", by=dpo, now=LATER)


def test_the_most_pressing_comes_first():
    late = information.owe(PersonFactory(), source=CallFactory(), now=NOW)
    later = information.owe(PersonFactory(), source=CallFactory(), now=LATER)
    soon = information.owe(PersonFactory(), source=CallFactory(), now=NOW - timedelta(days=20))
    assert list(ThirdPartyNotice.objects.waiting()) == [soon, late, later]
