"""Who signs in at the demonstration, and who else works at its desk."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Person, User
from accounts.opening import vouch_for_address
from accounts.roles import Role

PASSWORD = "demo-sofratel-2026"
DOMAIN = "demo.example"

LOGINS = (
    ("agent", Role.AGENT, "Camille Delsart"),
    ("superviseur", Role.SUPERVISOR, "Hervé Wambrechies"),
    ("dpo", Role.DPO, "Élodie Carnelle"),
    ("dpo.adjoint", Role.DPO, "Benoît Raverdy"),
    ("compta", Role.ACCOUNTING, "Pascale Thumerel"),
    ("bailleur", Role.LANDLORD_MANAGER, "Marc-Antoine Vasselin"),
    ("locataire", Role.TENANT, ""),
    ("admin", Role.ADMINISTRATOR, "Sofiane Lhotellier"),
)
COLLEAGUES = (
    ("agent.delebarre", Role.AGENT, "Nadia Delebarre"),
    ("agent.kubiacki", Role.AGENT, "Thomas Kubiacki"),
    ("agent.morelle", Role.AGENT, "Sandrine Morelle"),
    ("agent.benhadj", Role.AGENT, "Yanis Benhadj"),
    ("agent.vanhecke", Role.AGENT, "Maud Van Hecke"),
    ("agent.ferrand", Role.AGENT, "Jean-Luc Ferrand"),
    ("agent.pottier", Role.AGENT, "Aurélie Pottier"),
    ("superviseur.nuit", Role.SUPERVISOR, "Fabienne Rosiaux"),
)


@dataclass(frozen=True)
class Staff:
    """Primary keys; the first agent and supervisor are those who can sign in."""

    agents: list[int]
    supervisors: list[int]
    accountant: int


def create_logins(*, now: datetime) -> dict[str, User]:
    logins = {}
    for name, role, full_name in LOGINS + COLLEAGUES:
        password = PASSWORD if (name, role, full_name) in LOGINS else None
        logins[name] = User.objects.create_user(
            f"{name}@{DOMAIN}", password, role=role, full_name=full_name, date_joined=now, last_active_at=now
        )
        vouch_for_address(logins[name])
    return logins


def staff_of(logins: dict[str, User]) -> Staff:
    return Staff(
        agents=[user.pk for user in logins.values() if user.role == Role.AGENT],
        supervisors=[user.pk for user in logins.values() if user.role == Role.SUPERVISOR],
        accountant=logins["compta"].pk,
    )


def give_to_tenant(login: User, person: Person) -> None:
    login.person = person
    login.full_name = f"{person.given_name} {person.family_name}"
    login.save(update_fields=["person", "full_name"])
