"""The door: who comes in, what they are told, and what they are asked for."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.urls import reverse

from accounts.models import RecoveryCode, User
from accounts.roles import Role
from accounts.sign_in import recovery_codes
from privacy.models import OutgoingMessage
from tests.factories import TOTP_SECRET, PersonFactory, UserFactory
from tests.signing_in import PASSWORD, code_now, give_password, sign_in, user_with_password
from tests.sofratel.test_doors import PRIVATE

pytestmark = pytest.mark.django_db


def tenant(**fields):
    return user_with_password(role=Role.TENANT, person=PersonFactory(), **fields)


def messages_of(kind):
    return [message.said() for message in OutgoingMessage.objects.filter(kind=kind)]


def link_in(kind):
    return urlsplit(messages_of(kind)[-1]["link"]).path


# Address and password -------------------------------------------------------------------------------------------------


def test_a_tenant_comes_in_with_address_and_password(client):
    account = tenant()
    assert client.get("/compte/").status_code == 302

    assert give_password(client, account).url == "/"
    assert client.get("/compte/").status_code == 200


def test_an_address_has_no_capitals(client):
    account = tenant()
    account.email = account.email.upper()
    assert give_password(client, account).status_code == 302


def test_whoever_was_going_somewhere_arrives_there_and_nowhere_else(client):
    account = tenant()
    assert give_password(client, account, next="/compte/sessions/").url == "/compte/sessions/"
    client.logout()
    assert give_password(client, account, next="https://ailleurs.example/").url == "/"


def test_the_admin_site_has_no_door_of_its_own(client):
    response = client.get("/admin/login/?next=/admin/accounts/user/")
    assert response.url == "/connexion/?next=/admin/accounts/user/"


def test_nobody_opens_an_account_by_a_form(client):
    assert "Votre compte s’ouvre depuis" in client.get("/compte/ouvrir/").content.decode()
    client.post("/compte/ouvrir/", {"email": "moi@exemple.example", "password1": PASSWORD, "password2": PASSWORD})
    assert User.objects.count() == 0


def test_a_closed_account_opens_nothing(client):
    account = tenant()
    account.is_active = False
    account.save()
    assert give_password(client, account).url == "/connexion/ferme/"
    assert client.get("/compte/").status_code == 302


# The same answer whether or not the account exists ------------------------------------------------------------------


@pytest.fixture
def work(monkeypatch):
    """Each run of Argon2: what takes the time of an answer."""
    done = []
    for name in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, name)

        def counted(self, *args, original=original, name=name):
            done.append(name)
            return original(self, *args)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    return done


def without_token(response):
    return re.sub(
        r'name="csrfmiddlewaretoken" value="\w+"|value="[^"]*@exemple.example"', "", response.content.decode()
    )


def test_an_unknown_address_gets_the_same_answer_after_the_same_work(client, work):
    known, nobody = tenant(), User(email="personne@exemple.example")
    without_password = UserFactory(role=Role.TENANT)
    without_password.set_unusable_password()
    without_password.save()
    answers, efforts = [], []
    for account in (known, nobody, without_password):
        del work[:]
        answers.append(without_token(give_password(client, account, "un autre mot de passe")))
        efforts.append(len(work))

    assert "ne vont pas ensemble" in answers[0]
    assert answers[0] == answers[1] == answers[2]
    assert efforts == [1, 1, 1]


def test_a_lost_password_is_the_same_page_and_a_message_for_everybody(client):
    account = tenant()
    pages = [
        client.post("/compte/mot-de-passe/oublie/", {"email": email}, follow=True).content.decode()
        for email in (account.email, "personne@exemple.example")
    ]
    assert "Un e-mail est parti" in pages[0]
    assert re.sub(r'value="\w{64}"', "", pages[0]) == re.sub(r'value="\w{64}"', "", pages[1])
    assert [said["to"] for said in messages_of("password_reset")] == [account.email]
    assert [said["to"] for said in messages_of("unknown_account")] == ["personne@exemple.example"]


# Addresses ------------------------------------------------------------------------------------------------------------


def test_an_address_that_is_not_confirmed_waits(client):
    account = tenant()
    EmailAddress.objects.filter(user=account).update(verified=False)

    assert give_password(client, account).url == "/compte/adresse/a-confirmer/"
    assert client.get("/compte/").status_code == 302
    link = link_in("confirm_address")
    client.post(link)
    assert give_password(client, account).url == "/"


def test_a_new_address_takes_over_once_it_is_confirmed(client):
    account = tenant()
    former = account.email
    sign_in(client, account)
    client.post("/compte/adresse/", {"email": "nouvelle@exemple.example", "action_add": "1"})
    account.refresh_from_db()
    assert account.email == former

    client.post(link_in("confirm_address"))

    account.refresh_from_db()
    assert account.email == "nouvelle@exemple.example"
    assert [(each.email, each.verified, each.primary) for each in account.emailaddress_set.all()] == [
        ("nouvelle@exemple.example", True, True)
    ]
    assert [said["to"] for said in messages_of("address_changed")] == [former]


def test_the_address_of_somebody_else_is_taken_without_saying_so(client):
    other, account = tenant(), tenant()
    sign_in(client, account)
    response = client.post("/compte/adresse/", {"email": other.email, "action_add": "1"}, follow=True)
    page = response.content.decode()
    assert "Un e-mail est parti" in page
    client.post(link_in("confirm_address"))
    account.refresh_from_db()
    assert account.email != other.email


# A lost or changed password -------------------------------------------------------------------------------------------


def test_a_lost_password_is_chosen_anew_and_the_second_factor_is_asked_for_all_the_same(client):
    agent = user_with_password()
    client.post("/compte/mot-de-passe/oublie/", {"email": agent.email})
    form = client.get(link_in("password_reset")).url
    weak = client.post(form, {"password1": "motdepasse", "password2": "motdepasse"})
    assert weak.status_code == 200
    response = client.post(form, {"password1": "quatre lampes au plafond", "password2": "quatre lampes au plafond"})

    agent.refresh_from_db()
    assert agent.check_password("quatre lampes au plafond")
    assert response.url == "/connexion/code/"
    assert client.get("/console/").status_code == 302
    assert [said["to"] for said in messages_of("password_changed")] == [agent.email]
    assert "déjà servi" in client.get(link_in("password_reset")).content.decode()


def test_changing_it_asks_for_the_former_one_and_ends_the_other_sessions(client, client_factory):
    account = tenant()
    elsewhere = client_factory()
    sign_in(elsewhere, account)
    sign_in(client, account)
    new = {"password1": "quatre lampes au plafond", "password2": "quatre lampes au plafond"}

    client.post("/compte/mot-de-passe/", {"oldpassword": "pas le bon, en tout cas", **new})
    account.refresh_from_db()
    assert account.check_password(PASSWORD)
    assert elsewhere.get("/compte/").status_code == 200
    client.post("/compte/mot-de-passe/", {"oldpassword": PASSWORD, **new})

    account.refresh_from_db()
    assert account.check_password("quatre lampes au plafond")
    assert client.get("/compte/").status_code == 200
    assert elsewhere.get("/compte/").status_code == 302


# The second factor ----------------------------------------------------------------------------------------------------

WORKERS = [role for role in Role if role != Role.TENANT]
ENROLMENT = {
    reverse(name) for name in ("mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate", "logout")
}


@pytest.mark.parametrize("role", WORKERS)
def test_whoever_works_here_gives_a_code_too(client, role):
    worker = user_with_password(role=role)
    assert give_password(client, worker).url == "/connexion/code/"
    assert client.get("/compte/").status_code == 302
    assert client.post("/connexion/code/", {"code": "000000"}).status_code == 200
    assert client.get("/compte/").status_code == 302

    client.post("/connexion/code/", {"code": code_now()})
    assert client.get("/compte/").status_code == 200


@pytest.mark.parametrize("role", WORKERS)
def test_without_a_factor_nothing_opens_but_its_enrolment(client, role):
    worker = user_with_password(role=role, second_factor=False)
    sign_in(client, worker)
    pages = [address for address in PRIVATE if address not in ENROLMENT]
    assert len(pages) > 50

    for address in ["/", *pages]:
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer.url) == (302, "/compte/second-facteur/"), address
    assert client.get("/console/", headers={"hx-request": "true"})["HX-Redirect"] == "/compte/second-facteur/"
    assert client.get("/compte/second-facteur/application/").status_code == 200


def test_a_tenant_may_do_without(client):
    sign_in(client, tenant())
    page = client.get("/compte/").content.decode()
    assert "Facultatif" in page


def test_only_demo_mode_does_without(client, settings):
    agent = user_with_password(second_factor=False)
    sign_in(client, agent)
    assert client.get("/console/").url == "/compte/second-facteur/"
    settings.DEMO = True
    assert client.get("/console/").status_code == 200


def enrol(client):
    client.get("/compte/second-facteur/application/")
    secret = client.session["mfa.totp.secret"]
    response = client.post("/compte/second-facteur/application/", {"code": code_now(secret)})
    return secret, response


def test_enrolling_leads_to_the_codes_and_opens_the_door(client):
    agent = user_with_password(second_factor=False)
    sign_in(client, agent)
    secret, response = enrol(client)

    assert response.url == "/compte/second-facteur/secours/"
    assert client.get("/console/").status_code == 200
    kept = Authenticator.objects.get(user=agent)
    assert secret not in str(kept.data)
    assert "mfa.totp.secret" not in client.session


def test_a_code_is_good_once(client, client_factory):
    agent = user_with_password()
    code = code_now()
    give_password(client, agent)
    assert client.post("/connexion/code/", {"code": code}).status_code == 302

    thief = client_factory()
    give_password(thief, agent)
    response = thief.post("/connexion/code/", {"code": code})
    assert response.status_code == 200
    assert "déjà servi" in response.content.decode()


def test_codes_cannot_be_tried_for_ever(client):
    agent = user_with_password()
    give_password(client, agent)
    wrong = f"{(int(code_now()) + 1) % 1_000_000:06}"
    for _ in range(5):
        assert "pas le bon" in client.post("/connexion/code/", {"code": wrong}).content.decode()
    assert "Trop d’essais" in client.post("/connexion/code/", {"code": code_now()}).content.decode()


def test_recovery_codes_are_shown_once_and_kept_hashed(client):
    agent = user_with_password()
    sign_in(client, agent)
    page = client.post("/compte/second-facteur/secours/").content.decode()
    codes = re.findall(r"<code>([a-z0-9-]{14})</code>", page)

    assert len(set(codes)) == 10
    again = client.get("/compte/second-facteur/secours/").content.decode()
    assert "Il vous en reste 10" in again
    assert not any(code in again for code in codes)
    kept = str(list(RecoveryCode.objects.values()))
    assert not any(code in kept or code.replace("-", "") in kept for code in codes)


def test_a_recovery_code_stands_in_once(client, client_factory):
    agent = user_with_password()
    code, *_ = recovery_codes.issue(agent, now=agent.date_joined)
    colleague = user_with_password()
    give_password(client, colleague)
    assert client.post("/connexion/code/", {"code": code}).status_code == 200  # another person's

    for expected in (302, 200):
        browser = client_factory()
        give_password(browser, agent)
        typed = code.upper().replace("-", " ")
        assert browser.post("/connexion/code/", {"code": typed}).status_code == expected
    assert agent.recovery_codes.count() == 9


def test_new_codes_replace_the_former_ones(client):
    agent = user_with_password()
    former, *_ = recovery_codes.issue(agent, now=agent.date_joined)
    recovery_codes.issue(agent, now=agent.date_joined)
    assert not recovery_codes.use(agent, former)


@pytest.mark.parametrize(("role", "left"), [(Role.AGENT, 1), (Role.TENANT, 0)])
def test_only_a_tenant_takes_away_their_last_factor(client, role, left):
    account = user_with_password(role=role, second_factor=True)
    recovery_codes.issue(account, now=account.date_joined)
    sign_in(client, account)
    client.post("/compte/second-facteur/application/retirer/")

    assert Authenticator.objects.filter(user=account).count() == left
    assert account.recovery_codes.exists() == bool(left)


def test_the_last_key_is_no_exception(client):
    agent = user_with_password(second_factor=False)
    key = Authenticator.objects.create(user=agent, type="webauthn", data={"name": "clé", "credential": {}})
    client.force_login(agent)
    client.post(f"/compte/second-facteur/cles/{key.pk}/retirer/")
    assert Authenticator.objects.filter(pk=key.pk).exists()


def test_the_administrator_takes_a_lost_factor_away(client, client_factory):
    agent = user_with_password()
    at_work = client_factory()
    sign_in(at_work, agent)
    client.force_login(UserFactory(role=Role.ADMINISTRATOR))
    assert at_work.get("/console/").status_code == 200

    client.post("/admin/accounts/user/", {"action": "remove_second_factor", "_selected_action": [agent.pk]})

    assert not Authenticator.objects.filter(user=agent).exists()
    assert at_work.get("/console/").status_code == 302
    assert give_password(at_work, agent).url == "/"
    assert at_work.get("/").url == "/compte/second-facteur/"


def test_secrets_are_ciphertext_in_the_database():
    agent = UserFactory()
    assert TOTP_SECRET not in str(Authenticator.objects.get(user=agent).data)
