"""Who may open what: the list of public addresses is whole, and each role is led to its own door."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts.roles import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

# Whoever adds an address that needs no login says so here.
PUBLIC = {
    "",
    "api/bailleur/v1/<path:path>",
    "api/bailleur/v1/figures",
    "api/bailleur/v1/interventions",
    "api/bailleur/v1/interventions/<int:pk>",
    "api/bailleur/v1/openapi.json",
    "api/bailleur/v1/residences",
    "connexion/",
    "connexion/cle/",
    "connexion/code/",
    "connexion/ferme/",
    "deconnexion/",
    "compte/ouvrir/",
    "compte/adresse/<str:key>/",
    "compte/adresse/a-confirmer/",
    "compte/mot-de-passe/oublie/",
    "^compte/mot-de-passe/oublie/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
    "compte/mot-de-passe/oublie/change/",
    "compte/mot-de-passe/oublie/envoye/",
    "console/astreintes/<str:token>.ics",
    "cti/<str:token>/",
    "confidentialite/",
    "confidentialite/<str:version>/",
    "confidentialite/copie/<str:token>/",
    "confidentialite/destinataire/<str:token>/",
    "confidentialite/lettre/<str:token>/",
    "confidentialite/droits/",
    "confidentialite/droits/<slug:right>/",
    "confidentialite/droits/code/",
    "confidentialite/droits/envoyee/",
    "confidentialite/portabilite.schema.json",
    "cookies/",
    "cookies/choix/",
    "hotel/<str:token>/",
    "langue/",
    "p/<str:token>/",
    "paiement/stripe/",
    "p/depense/<str:token>/",
    "p/effacement/<str:token>/",
    "portail/",
    "portail/abonnement/",
    "portail/abonnement/<int:pk>/",
    "portail/abonnement/<int:pk>/fin/",
    "portail/abonnement/<int:pk>/piece/",
    "portail/accords/",
    "portail/accords/<slug:purpose>/",
    "portail/compte/",
    "portail/compte/adresse/",
    "portail/compte/code/",
    "portail/compte/joindre/",
    "portail/compte/telephone/",
    "portail/compte/telephone/<int:pk>/effacer/",
    "portail/demandes/",
    "portail/devis/<int:pk>/",
    "portail/devis/<int:pk>/accepter/",
    "portail/devis/<int:pk>/pdf/",
    "portail/devis/<int:pk>/refuser/",
    "portail/factures/",
    "portail/factures/<int:pk>/",
    "portail/factures/<int:pk>/paiement/",
    "portail/factures/<int:pk>/payer/",
    "portail/factures/<int:pk>/pdf/",
    "portail/demandes/<int:pk>/",
    "portail/demandes/<int:pk>/annuler/",
    "portail/demandes/<int:pk>/avis/",
    "portail/demandes/<int:pk>/messages/",
    "portail/demandes/<int:pk>/rendez-vous/annuler/",
    "portail/demandes/<int:pk>/rendez-vous/changer/",
    "portail/demandes/<int:pk>/rendez-vous/confirmer/",
    "portail/demandes/<int:pk>/revoir/",
    "portail/demandes/<int:pk>/toujours-en-panne/",
    "portail/reclamations/",
    "portail/reclamations/<int:pk>/",
    "portail/reclamations/nouvelle/",
    "portail/droits/",
    "portail/droits/<slug:right>/",
    "portail/droits/automated_decision/",
    "portail/droits/demandes/<int:pk>/",
    "portail/droits/demandes/<int:pk>/copie/",
    "portail/droits/post_mortem/",
    "portail/droits/post_mortem/fin/",
    "portail/droits/rectification/",
    "portail/lien/",
    "portail/lien/demande/",
    "portail/lien/<str:token>/",
    "portail/mes-donnees/",
    "portail/mes-donnees/<str:name>/",
    "portail/ouvrir/",
    "portail/ouvrir/code/",
    "portail/ouvrir/connexion/",
    "portail/photos/<int:pk>/",
    "portail/photos/<int:pk>/vignette/",
    "portail/signaler/",
    "portail/signaler/<int:pk>/<slug:step>/",
    "portail/signaler/<int:pk>/envoi/",
    "portail/signaler/<int:pk>/envoyee/",
    "portail/signaler/jeter/",
    "portail/signaler/<int:pk>/orientation/",
    "portail/signaler/<int:pk>/photos/",
    "portail/signaler/<int:pk>/precisions/",
    "portail/signaler/<int:pk>/urgence/",
    "sante/",
    "favicon.ico",
    "admin/login/",
}


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in (resolver or get_resolver()).url_patterns:
        address = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from addresses(found, address)
        else:
            yield address, found


def needs_login(pattern: URLPattern) -> bool:
    return getattr(pattern.callback, "login_required", True)


def test_the_public_addresses_are_these_and_no_other():
    assert {address for address, pattern in addresses() if not needs_login(pattern)} == PUBLIC


def filled(address: str) -> str | None:
    """The address with something in each of its places, or nothing for the admin's regular expressions."""
    for place, value in {
        "<int:pk>": "1",
        "<int:intervention_pk>": "1",
        "<int:residence_pk>": "1",
        "<int:content_type_id>": "1",
        "<day:day>": "2026-03-11",
        "<path:object_id>": "1",
        "<path:url>": "x",
        "<slug:to>": "closed",
        "<subject:subject>": "appel",
    }.items():
        address = address.replace(place, value)
    return None if set(address) & set("<^(") else f"/{address}"


PRIVATE = sorted(filter(None, (filled(address) for address, _ in addresses() if address not in PUBLIC)))


def test_the_walk_meets_every_kind_of_address():
    assert {"/console/", "/console/interventions/1/closed/", "/admin/", "/compte/supprimer/"} <= set(PRIVATE)


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_other_address_asks_a_stranger_to_sign_in(client, method):
    for address in PRIVATE:
        response = getattr(client, method)(address)
        assert response.status_code == 302, address
        expected = reverse("admin:login") if address.startswith("/admin/") else reverse("login")
        assert response.url.partition("?")[0] in {expected, reverse("login")}, address


DOORS = {
    Role.AGENT: "/console/",
    Role.SUPERVISOR: "/console/",
    Role.DPO: "/admin/",
    Role.ACCOUNTING: "/admin/",
    Role.ADMINISTRATOR: "/admin/",
    Role.LANDLORD_MANAGER: "/bailleur/",
    Role.TENANT: "/portail/",
}


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(UserFactory(role=role))
    return client


def test_every_role_has_its_line_here():
    assert set(DOORS) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_signing_in_leads_each_role_to_its_door(role):
    response = signed_in(role).get("/")

    if DOORS[role] is None:
        assert response.status_code == 200
    else:
        assert response.url == DOORS[role]


@pytest.mark.parametrize("role", Role)
def test_the_console_is_open_to_the_desk_only(role):
    client = signed_in(role)

    of_some = (
        "/console/astreintes/",
        "/console/enregistrements/",
        "/console/audience/",
        "/console/abonnements/",
        "/console/signaler-violation/",
        "/console/secours/",
        "/console/relogements/",
    )
    desk = [address for address in PRIVATE if address.startswith("/console/") and not address.startswith(of_some)]
    statuses = {client.get(address).status_code for address in desk}

    if DOORS[role] == "/console/":
        assert 403 not in statuses
        assert 200 in statuses
    else:
        assert statuses == {403}


@pytest.mark.parametrize("role", Role)
def test_the_admin_site_is_open_to_those_who_work_there_only(role):
    response = signed_in(role).get("/admin/")

    assert response.status_code == (200 if DOORS[role] == "/admin/" else 302)


def test_whoever_left_the_company_is_a_stranger(client):
    user = UserFactory(role=Role.AGENT)
    client.force_login(user)
    assert client.get("/console/").status_code == 200
    user.is_active = False
    user.save()

    assert client.get("/console/").url == "/connexion/?next=/console/"


def test_the_icon_is_found_where_browsers_look_for_it(client):
    assert client.get("/favicon.ico").url == "/static/favicon.svg"


@pytest.mark.parametrize("role", Role)
def test_subscriptions_are_for_those_who_verify_identities(role):
    may_verify = role in (Role.SUPERVISOR, Role.DPO)
    assert signed_in(role).get("/console/abonnements/").status_code == (200 if may_verify else 404)


@pytest.mark.parametrize("role", Role)
def test_recordings_are_for_those_in_charge_of_quality_and_for_the_dpo(role):
    may_listen = role in (Role.SUPERVISOR, Role.DPO)
    assert signed_in(role).get("/console/enregistrements/").status_code == (200 if may_listen else 404)
