"""
What each right asks of the person, and how the request comes in: one form and one door, whoever fills it in, the person
on the portal or on the public form, an agent on the telephone, the DPO with a letter in hand.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Model
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy import consent, objections
from privacy.declarations import Category, Dataset
from privacy.models import Restriction, RightsRequest
from privacy.policy import Purpose
from privacy.registry import registry
from privacy.rights import objection, withdrawal, workflow
from privacy.subjects import declared_person

Right = RightsRequest.Right
Channel = RightsRequest.Channel
Identity = RightsRequest.Identity
Requester = RightsRequest.Requester

WISHES: dict[str, Promise] = {
    Right.INFORMATION: gettext_lazy("Que voulez-vous savoir ?"),
    Right.ACCESS: gettext_lazy("Cherchez-vous quelque chose de précis ?"),
    Right.RECTIFICATION: gettext_lazy("Qu’est-ce qui est faux ou manque, et que faut-il écrire à la place ?"),
    Right.ERASURE: gettext_lazy("Voulez-vous nous dire autre chose ?"),
    Right.OBJECTION: gettext_lazy("Qu’est-ce qui, dans votre situation, vous fait refuser ?"),
    Right.WITHDRAWAL: gettext_lazy("Voulez-vous nous dire autre chose ?"),
    Right.RESTRICTION: gettext_lazy("Expliquez-nous votre situation"),
    Right.PORTABILITY: gettext_lazy("Voulez-vous nous dire autre chose ?"),
    Right.AUTOMATED_DECISION: gettext_lazy("Qu’est-ce qui a été décidé, et qu’en dites-vous ?"),
    Right.POST_MORTEM: gettext_lazy("Que doivent devenir vos données, et qui doit s’en charger ?"),
}
# There is nothing to do without it.
WISH_NEEDED = frozenset({Right.INFORMATION, Right.RECTIFICATION, Right.POST_MORTEM})

# What we do then.
AFTERWARDS: dict[str, Promise] = {
    Right.INFORMATION: gettext_lazy(
        "Le délégué à la protection des données vous répond par écrit, avec des mots simples."
    ),
    Right.ACCESS: gettext_lazy(
        "Nous préparons la copie de tout ce que nous gardons de vous, vos fichiers compris. Ce qui parle d’autres "
        "personnes y est masqué. Un lien qui sert une seule fois vous permet de la télécharger."
    ),
    Right.RECTIFICATION: gettext_lazy(
        "Nous comparons avec ce que nous avons, nous corrigeons, et nous prévenons ceux à qui nous l’avions "
        "transmis. Si nous refusons une correction, nous vous disons pourquoi."
    ),
    Right.ERASURE: gettext_lazy(
        "Nous vous disons ce qui s’efface, et ce que la loi nous oblige à garder. Tout effacer ferme aussi votre "
        "compte, et personne ne peut revenir en arrière."
    ),
    Right.OBJECTION: gettext_lazy(
        "Cet usage s’arrête tout de suite. Pour la prospection, les avis, les sondages, l’enregistrement des appels "
        "et les chiffres des bailleurs, c’est définitif, sans raison à donner. Pour le reste, nous comparons vos "
        "raisons et les nôtres, et nous vous répondons."
    ),
    Right.WITHDRAWAL: gettext_lazy(
        "C’est fait tout de suite. Ce que seul votre accord permettait de garder est supprimé ; ce qui a été fait "
        "avant reste valable."
    ),
    Right.RESTRICTION: gettext_lazy(
        "Une fois que c’est accordé, vos données sont gardées sous clé, et plus personne ne s’en sert, sauf pour une "
        "urgence chez vous. Tant que cela dure, vous ne pouvez plus rien signaler ni changer dans votre espace. Nous "
        "vous prévenons avant que cela se termine."
    ),
    Right.PORTABILITY: gettext_lazy(
        "Nous préparons les données que vous nous avez confiées, en fichiers JSON et CSV. Un lien qui sert une seule "
        "fois vous permet de les télécharger."
    ),
    Right.AUTOMATED_DECISION: gettext_lazy(
        "Aucune machine ne décide à notre place : elle propose, une personne choisit. Une personne revoit ce que "
        "vous contestez, et vous répond."
    ),
    Right.POST_MORTEM: gettext_lazy(
        "Nous notons ce que vous voulez. Vous pouvez le changer ou y renoncer à tout moment. Le jour venu, nous "
        "l’appliquons sur preuve du décès."
    ),
}

# What may be erased by itself. Proofs of how rights were answered go with the whole only.
GROUPS: dict[Category, Promise] = {
    Category.INTERVENTION: gettext_lazy("Vos demandes d’intervention, rendez-vous, photos, avis et réclamations"),
    Category.HISTORY: gettext_lazy("Ce que nos agents ont noté, et nos échanges"),
    Category.RECORDING: gettext_lazy("Vos appels enregistrés"),
    Category.CONTACT: gettext_lazy("Vos téléphones, vos appels et nos messages"),
    Category.IDENTITY: gettext_lazy("Votre logement, votre abonnement, votre pièce d’identité"),
    Category.CONNECTION: gettext_lazy("Votre compte et vos connexions"),
    Category.ACCOUNTING: gettext_lazy("Vos factures (la loi nous oblige à les garder dix ans)"),
}

# A choice of cookies belongs to a device, not to somebody we know: it is taken back on the page of cookies.
WITHDRAWABLE = {key: purpose for key, purpose in consent.CONSENTS.items() if key != "cookies"}

PURPOSES_OF: dict[str, tuple[Promise, dict[str, Purpose]]] = {
    Right.OBJECTION: (gettext_lazy("À quel usage vous opposez-vous ?"), objections.OBJECTABLE),
    Right.WITHDRAWAL: (gettext_lazy("Quel accord retirez-vous ?"), WITHDRAWABLE),
}

RESTRICTION_CASES: dict[str, Promise] = {
    Restriction.Reason.ACCURACY: gettext_lazy("Ces données sont fausses : le temps que vous vérifiiez"),
    Restriction.Reason.UNLAWFUL: gettext_lazy(
        "Vous n’avez pas le droit de les avoir, mais je ne veux pas qu’elles s’effacent"
    ),
    Restriction.Reason.CLAIMS: gettext_lazy("Vous n’en avez plus besoin, mais moi si, pour défendre mes droits"),
    Restriction.Reason.OBJECTION: gettext_lazy("Je me suis opposé à un usage : le temps que vous me répondiez"),
}

TWICE = timedelta(minutes=10)  # one form, sent again


class RightForm(forms.Form):
    """The questions of one right, in the person's words."""

    field_order = ["scope", "purpose", "restriction_reason", "wish"]

    scope = forms.MultipleChoiceField(
        label=gettext_lazy("Que faut-il effacer ?"),
        help_text=gettext_lazy("Rien de coché : tout ce que nous gardons de vous."),
        choices=[(group.name.lower(), label) for group, label in GROUPS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    restriction_reason = forms.ChoiceField(
        label=gettext_lazy("Pourquoi mettre vos données de côté ?"),
        choices=RESTRICTION_CASES.items(),
        widget=forms.RadioSelect,
    )
    wish = forms.CharField(
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Avec vos mots. Inutile de parler de votre santé ou d’autres personnes."),
    )

    def __init__(self, right: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wish"].label = str(WISHES[right])
        self.fields["wish"].required = right in WISH_NEEDED
        if right in PURPOSES_OF:
            question, purposes = PURPOSES_OF[right]
            choices = [(key, _(purpose.label)) for key, purpose in purposes.items()]
            self.fields["purpose"] = forms.ChoiceField(label=str(question), choices=choices, widget=forms.RadioSelect)
        if right != Right.ERASURE:
            del self.fields["scope"]
        if right != Right.RESTRICTION:
            del self.fields["restriction_reason"]
        self.order_fields(self.field_order)

    def said(self) -> dict[str, Any]:
        """As `receive` takes it."""
        said = dict(self.cleaned_data)
        if "scope" in said:
            said["scope"] = datasets_in(said["scope"])
        return said


def datasets_in(groups: Collection[str]) -> list[str]:
    """The names of the datasets of these groups; of all of them, none: that is the whole."""
    if {group.name.lower() for group in GROUPS} <= {*groups}:
        return []
    about_people = [dataset for dataset in registry.datasets.values() if dataset.subjects]
    return names_in(groups, [dataset for dataset in about_people if dataset.model is not declared_person()])


def names_in(groups: Collection[str], datasets: Iterable[Dataset]) -> list[str]:
    """Of these datasets, those of these groups."""
    return sorted(dataset.name for dataset in datasets if (group := group_of(dataset)) and group.name.lower() in groups)


def group_of(dataset: Dataset) -> Category | None:
    """By what it holds first."""
    category = dataset.data[0].category
    return category if category in GROUPS else None


@transaction.atomic
def receive(
    person: Model | None,
    *,
    right: str,
    said: dict[str, Any],
    channel: str,
    received_on: date,
    requester: str = Requester.SELF,
    requester_name: str = "",
    reply_to: str = "",
    identity: str = Identity.UNPROVED,
    by: AbstractBaseUser | None,
    now: datetime,
) -> RightsRequest:
    """
    Write down what a `RightForm` said. A consent that is taken back and a purpose that needs no weighing stop before
    this returns, where there is no doubt who asks; the request is then answered already. On the portal it is
    acknowledged by the page that follows.

    Raises RequestError for a day that is still to come.
    """
    if person is not None and (done := done_just_now(person, right, said.get("purpose", ""), now=now)):
        return done
    request = workflow.receive(
        person,
        right=right,
        channel=channel,
        received_on=received_on,
        requester=requester,
        requester_name=requester_name,
        reply_to=reply_to,
        identity=identity,
        by=by,
        now=now,
        **said,
    )
    if channel == Channel.PORTAL:
        workflow.acknowledge(request, by=by, now=now)
    request.refresh_from_db()
    act_at_once(request, by=by, now=now)
    return request


def done_just_now(person: Model, right: str, purpose: str, *, now: datetime) -> RightsRequest | None:
    """The request of who sends the same form twice: it was answered the first time, and nothing has changed since."""
    if right == Right.WITHDRAWAL:
        stopped = not consent.is_given(person, purpose=purpose)
    else:
        stopped = right == Right.OBJECTION and objections.is_stopped(person, purposes=[purpose])
    answered = RightsRequest.objects.filter(person=person.pk, right=right, purpose=purpose, answered_at__gt=now - TWICE)
    return answered.order_by("-pk").first() if stopped else None


def act_at_once(request: RightsRequest, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """Also what was asked before without a proof of who asks, and is now asked again with one."""
    if request.person_id is None or not request.identity or request.decided_at:
        return
    if request.right == Right.WITHDRAWAL:
        withdrawal.carry_out(request, by=by, now=now)
    objection.receive(request, now=now)
