from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q

from accounts.forms import AssistanceField, LineField, PhoneField
from accounts.models import Person, PersonMerge, Phone, RecoveryCode, User
from accounts.roles import Role
from privacy.declarations import Category, Data, Dataset, Expiry
from privacy.policy import ACCOUNT_CLOSED, ACCOUNT_LAST_WARNING, LONGEST_SESSION
from privacy.registry import register

register(
    Dataset(
        Person,
        "Identité et coordonnées",
        data=(
            Data(Category.IDENTITY, "interventions", "title family_name given_name", provided=True),
            Data(Category.IDENTITY, "interventions", "name_key given_name_key"),
            Data(Category.CONTACT, "interventions", "email language", provided=True),
            Data(Category.INTERVENTION, "interventions", "assistance", provided=True),
        ),
        not_personal=("id", "created_at", "merged_into"),
        words={"name_key": "nom écrit pour la recherche", "given_name_key": "prénom écrit pour la recherche"},
        subjects={"personne": "self"},
        follows=("merged_into",),
        # A merge can be undone for a day: both of its records wait for the task that forgets it.
        expires=(Expiry("contacts", clock="created_at", where=Q(absorption=None, merges=None)),),
        kept_while_referenced=True,
        correctable=("title", "family_name", "given_name", "email", "language", "assistance"),
        typed_as={"family_name": LineField, "given_name": LineField, "assistance": AssistanceField},
    ),
    Dataset(
        Phone,
        "Téléphones",
        data=(
            Data(Category.CONTACT, "interventions", "number kind", provided=True),
            Data(Category.CONTACT, "interventions", "reversed_number"),
        ),
        not_personal=("id", "person"),
        words={"reversed_number": "numéro écrit pour la recherche"},
        subjects={"personne": "person"},
        follows=("person",),
        correctable=("number", "kind"),
        typed_as={"number": PhoneField},
    ),
    Dataset(
        PersonMerge,
        "Fusions de fiches, le temps de pouvoir revenir en arrière",
        data=(
            Data(Category.IDENTITY, "interventions", "kept absorbed added_assistance"),
            Data(Category.IDENTITY, "interventions", "moved completed", technical=True),
        ),
        not_personal=("id", "merged_at", "merged_by"),
        subjects={"fiche gardée": "kept", "fiche absorbée": "absorbed"},
        follows=("kept", "absorbed"),
    ),
    Dataset(
        User,
        "Comptes de connexion",
        data=(
            Data(Category.CONNECTION, "account", "email full_name", provided=True),
            Data(Category.CONNECTION, "account", "last_login last_active_at"),
            Data(Category.CONNECTION, "account", "password", technical=True),
        ),
        not_personal=(
            "id",
            "role",
            "person",
            "is_active",
            "date_joined",
            "first_warned_at",
            "last_warned_at",
            "closed_at",
        ),
        subjects={"titulaire": "person"},
        expires=(
            # `accounts.inactivity` warns when the row's period nears its end; the last warning leaves so many days.
            Expiry(
                "accounts",
                clock="last_warned_at",
                period=ACCOUNT_LAST_WARNING,
                where=Q(role=Role.TENANT),
                while_null="le compte sert",
            ),
            Expiry(
                "accounts",
                clock="closed_at",
                period=ACCOUNT_CLOSED,
                where=Q(role=Role.TENANT),
                while_null="le compte est ouvert",
                key="accounts:closed",
            ),
        ),
        kept_while_referenced=True,
    ),
    Dataset(
        EmailAddress,
        "Adresses e-mail de connexion, et si elles sont confirmées",
        data=(
            Data(Category.CONNECTION, "account", "email", provided=True),
            Data(Category.CONNECTION, "account", "verified"),
        ),
        not_personal=("id", "user", "primary"),
        words={"email": "adresse e-mail", "verified": "confirmée"},
        subjects={"titulaire": "user__person"},
        follows=("user",),
    ),
    Dataset(
        EmailConfirmation,
        "Liens de confirmation d’adresse (aucun n’est gardé : ils sont signés)",
        data=(
            Data(Category.CONNECTION, "account", "created sent"),
            Data(Category.CONNECTION, "account", "key", technical=True),
        ),
        not_personal=("id", "email_address"),
        words={"created": "fait le", "sent": "envoyé le", "key": "clé"},
        subjects={"titulaire": "email_address__user__person"},
        follows=("email_address",),
    ),
    Dataset(
        Authenticator,
        "Applications et clés du second facteur",
        data=(
            Data(Category.CONNECTION, "security", "type created_at last_used_at"),
            Data(Category.CONNECTION, "security", "data", technical=True),
        ),
        not_personal=("id", "user"),
        words={"type": "moyen", "created_at": "ajouté le", "last_used_at": "utilisé le", "data": "secret chiffré"},
        subjects={"titulaire": "user__person"},
        follows=("user",),
    ),
    Dataset(
        RecoveryCode,
        "Empreintes des codes de secours",
        data=(
            Data(Category.CONNECTION, "security", "created_at"),
            Data(Category.CONNECTION, "security", "digest", technical=True),
        ),
        not_personal=("id", "user"),
        subjects={"titulaire": "user__person"},
        follows=("user",),
    ),
    Dataset(
        UserSession,
        "Appareils connectés",
        data=(
            Data(Category.CONNECTION, "security", "ip user_agent created_at last_seen_at"),
            Data(Category.CONNECTION, "security", "session_key data", technical=True),
        ),
        not_personal=("id", "user"),
        words={
            "ip": "adresse IP",
            "user_agent": "navigateur",
            "created_at": "connecté le",
            "last_seen_at": "vu le",
            "session_key": "clé de session",
            "data": "état de la session",
        },
        subjects={"titulaire": "user__person"},
        expires=(Expiry("accounts", clock="created_at", period=LONGEST_SESSION),),
        follows=("user",),
    ),
)
