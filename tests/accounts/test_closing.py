"""A tenant closes their account: the login is gone, also from a backup that is restored later."""

from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command

from accounts.closing import CannotClose, close_account
from accounts.models import Person, User
from accounts.roles import Role
from privacy.models import LedgerMark
from tests.factories import NOW, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db
ADDRESS = "xylandrine@exemple.example"


def tenant_with_account():
    person = PersonFactory()
    return person, UserFactory(role=Role.TENANT, person=person, email=ADDRESS)


def test_the_login_goes_and_the_person_stays():
    person, account = tenant_with_account()
    close_account(account, now=NOW)
    account.refresh_from_db()
    assert (account.person, account.is_active, account.closed_at) == (None, False, NOW)
    assert not User.objects.filter(email=ADDRESS).exists()
    assert not EmailAddress.objects.filter(email=ADDRESS).exists()
    assert Person.objects.filter(pk=person.pk).exists()


def test_staff_close_none():
    with pytest.raises(CannotClose):
        close_account(UserFactory(), now=NOW)


def test_a_closed_account_does_not_come_back_with_a_backup(ledger):
    person, account = tenant_with_account()
    other = UserFactory(role=Role.TENANT, person=PersonFactory())
    close_account(account, now=NOW)
    # The database as the backup has it.
    User.objects.filter(pk=account.pk).update(person=person, email=ADDRESS, is_active=True, closed_at=None)
    EmailAddress.objects.create(user=account, email=ADDRESS, primary=True, verified=True)
    LedgerMark.objects.all().delete()

    said = StringIO()
    call_command("replay_ledger", ledger / "ledger.jsonl", "--commit", stdout=said)
    assert said.getvalue() == "Fermetures de compte : 1 refaits\n"
    account.refresh_from_db()
    assert (account.person, account.is_active) == (None, False)
    assert not EmailAddress.objects.filter(email=ADDRESS).exists()
    other.refresh_from_db()
    assert other.is_active
