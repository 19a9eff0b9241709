from django.db.models import Q

from accounts.models import Person, PersonMerge, Phone, User
from privacy.declarations import Category, Data, Dataset, Expiry
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
        subjects={"personne": "self"},
        follows=("merged_into",),
        # A merge can be undone for a day: both of its records wait for the task that forgets it.
        expires=(Expiry("contacts", clock="created_at", where=Q(absorption=None, merges=None)),),
        kept_while_referenced=True,
    ),
    Dataset(
        Phone,
        "Téléphones",
        data=(
            Data(Category.CONTACT, "interventions", "number kind", provided=True),
            Data(Category.CONTACT, "interventions", "reversed_number"),
        ),
        not_personal=("id", "person"),
        subjects={"personne": "person"},
        follows=("person",),
    ),
    Dataset(
        PersonMerge,
        "Fusions de fiches, le temps de pouvoir revenir en arrière",
        data=(Data(Category.IDENTITY, "interventions", "kept absorbed moved completed added_assistance"),),
        not_personal=("id", "merged_at", "merged_by"),
        subjects={"fiche gardée": "kept", "fiche absorbée": "absorbed"},
        follows=("kept", "absorbed"),
    ),
    Dataset(
        User,
        "Comptes de connexion",
        data=(
            Data(Category.CONNECTION, "account", "email full_name", provided=True),
            Data(Category.CONNECTION, "account", "password last_login"),
        ),
        not_personal=("id", "role", "person", "is_active", "date_joined"),
        subjects={"titulaire": "person"},
    ),
)
