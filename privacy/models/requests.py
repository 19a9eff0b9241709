from datetime import date, timedelta
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from privacy.rights.deadlines import due_on, extended_due_on, shifted

LETTER_LINK_LIVES = timedelta(days=30)


class RightsRequestQuerySet(models.QuerySet["RightsRequest"]):
    def open(self) -> Self:
        return self.filter(answered_at=None)

    def with_documents_waiting(self) -> Self:
        """`document_waits`: whether a copy of an identity document is there to be verified."""
        waiting = RightsRequest.objects.filter(pk=OuterRef("pk"), identity_documents__wrapped_key__isnull=False)
        return self.annotate(document_waits=Exists(waiting))


class RightsRequest(models.Model):
    """
    A person's request to exercise one right (GDPR articles 12 to 22), from its receipt to its answer.

    While it is open, its evidence stays. It is changed by `rights.workflow` only. After an erasure it stays, without
    the person in it.
    """

    class Right(models.TextChoices):
        INFORMATION = "information", "Information"
        ACCESS = "access", "Accès"
        RECTIFICATION = "rectification", "Rectification"
        ERASURE = "erasure", "Effacement"
        OBJECTION = "objection", "Opposition"
        WITHDRAWAL = "withdrawal", "Retrait du consentement"
        RESTRICTION = "restriction", "Limitation"
        PORTABILITY = "portability", "Portabilité"
        AUTOMATED_DECISION = "automated_decision", "Décision automatisée"
        POST_MORTEM = "post_mortem", "Directives post-mortem"

    class Channel(models.TextChoices):
        PORTAL = "portal", "Portail"
        FORM = "form", "Formulaire public"
        PHONE = "phone", "Téléphone"
        EMAIL = "email", "E-mail"
        LETTER = "letter", "Courrier"

    class Requester(models.TextChoices):
        SELF = "self", "La personne elle-même"
        REPRESENTATIVE = "representative", "Un représentant, avec un mandat"
        HEIR = "heir", "Un héritier"

    class Identity(models.TextChoices):
        UNPROVED = "", "Pas encore établie"
        SIGNED_IN = "signed_in", "Connexion au compte"
        CODE = "code", "Code envoyé à une adresse connue"
        DOCUMENT = "document", "Pièce vue, puis détruite"
        KNOWN = "known", "Aucun doute raisonnable"

    class Outcome(models.TextChoices):
        NONE = "", "Pas encore décidée"
        GRANTED = "granted", "Accordée"
        PARTLY = "partly", "Accordée en partie"
        REFUSED = "refused", "Refusée"

    class AfterDeath(models.TextChoices):
        """What a request about a dead person's data leads to (Loi Informatique et Libertés, article 85)."""

        NONE = "", "—"
        DIRECTIVE = "directive", "Appliquer les directives de la personne"
        ESTATE = "estate", "Régler la succession"
        GOODS = "goods", "Recevoir des biens numériques ou des souvenirs de famille"
        DEATH = "death", "Faire prendre en compte le décès"

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL,
        verbose_name="personne",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rights_requests",
        help_text="Vide tant qu’elle n’est pas retrouvée, et une fois qu’elle est effacée.",
    )
    right = models.CharField("droit", max_length=20, choices=Right)
    channel = models.CharField("reçue par", max_length=10, choices=Channel, default=Channel.PORTAL)
    received_on = models.DateField("reçue le", help_text="Le jour où elle est arrivée, par n’importe quel canal.")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="saisie par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand la personne l’a faite elle-même.",
    )
    requester = models.CharField("demandée par", max_length=20, choices=Requester, default=Requester.SELF)
    requester_name = models.CharField(
        "nom de qui demande",
        max_length=200,
        blank=True,
        help_text="Quand ce n’est pas la personne, ou qu’elle n’est pas encore retrouvée.",
    )
    reply_to = models.CharField(
        "répondre à",
        max_length=300,
        blank=True,
        help_text="E-mail, mobile ou adresse postale. Vide\N{NO-BREAK SPACE}: ce que l’on connaît de la personne.",
    )
    wish = models.TextField("ce qui est demandé", max_length=4000, blank=True)
    scope = ArrayField(
        models.CharField(max_length=100),
        verbose_name="données visées",
        default=list,
        blank=True,
        help_text="Vide : toutes.",
    )
    purpose = models.CharField("finalité visée", max_length=40, blank=True)
    restriction_reason = models.CharField(
        "cas de limitation", max_length=20, blank=True, help_text="L’un de ceux de l’article 18, paragraphe 1."
    )
    after_death = models.CharField(
        "suite d’un décès", max_length=20, choices=AfterDeath, blank=True, default=AfterDeath.NONE
    )

    acknowledged_at = models.DateTimeField("accusé de réception le", null=True, blank=True)
    identity = models.CharField("identité", max_length=10, choices=Identity, blank=True, default=Identity.UNPROVED)
    identity_asked_on = models.DateField("identité demandée le", null=True, blank=True)
    identity_reason = models.CharField("pourquoi un doute", max_length=500, blank=True)
    identity_answered_on = models.DateField("identité répondue le", null=True, blank=True)
    extended_on = models.DateField("prolongée le", null=True, blank=True)
    extension_reason = models.CharField("pourquoi prolonger", max_length=500, blank=True)

    outcome = models.CharField("décision", max_length=10, choices=Outcome, blank=True, default=Outcome.NONE)
    ground = models.CharField("motif de refus", max_length=30, blank=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    executed_at = models.DateTimeField("exécutée le", null=True, blank=True)
    answered_at = models.DateTimeField("répondue le", null=True, blank=True)

    document_waits: bool  # where `with_documents_waiting` says so

    objects = RightsRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "demande de droits"
        verbose_name_plural = "demandes de droits"
        indexes = [models.Index(fields=["person"], condition=Q(answered_at=None), name="rights_request_open")]
        constraints = [
            models.CheckConstraint(
                condition=Q(extended_on=None) | ~Q(extension_reason=""), name="rights_extension_has_its_reason"
            ),
            models.CheckConstraint(
                condition=Q(identity_asked_on=None) | ~Q(identity_reason=""), name="rights_doubt_has_its_reason"
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["refused", "partly"]) | ~Q(ground=""), name="rights_refusal_has_its_ground"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", decided_at=None) | (~Q(outcome="") & Q(decided_at__isnull=False)),
                name="rights_decision_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | ~Q(outcome=""), name="rights_answer_follows_a_decision"
            ),
        ]

    def __str__(self) -> str:
        return f"demande {self.pk}"

    @property
    def reference(self) -> str:
        """What letters say: ``D000042``."""
        return f"D{self.pk:06d}"

    @property
    def awaits_person(self) -> bool:
        """Written by somebody whom no record was found for yet."""
        return self.person_id is None and self.executed_at is None and self.answered_at is None

    @property
    def is_suspended(self) -> bool:
        """The clock stands still from a reasoned question about identity to its answer (GDPR article 12(6))."""
        return self.identity_asked_on is not None and self.identity_answered_on is None

    def stood_still(self, *, today: date) -> timedelta:
        """For how long, up to `today`."""
        if self.identity_asked_on is None:
            return timedelta()
        return max((self.identity_answered_on or today) - self.identity_asked_on, timedelta())

    def due_on(self, *, today: date) -> date:
        """The last day to answer. Each day the clock stood still is given back, and the end is a working day again."""
        legal = extended_due_on(self.received_on) if self.extended_on else due_on(self.received_on)
        stood_still = self.stood_still(today=today)
        return shifted(legal + stood_still) if stood_still else legal


class RequestStep(models.Model):
    """One thing that happened to a request: who, when, what. No word of the person's."""

    class Kind(models.TextChoices):
        RECEIVED = "received", "Reçue"
        JOINED = "joined", "Même demande reçue de nouveau, jointe"
        PERSON_FOUND = "person_found", "Personne retrouvée"
        ACKNOWLEDGED = "acknowledged", "Accusé de réception envoyé"
        IDENTITY_ASKED = "identity_asked", "Question sur l’identité envoyée, délai suspendu"
        IDENTITY_PROVED = "identity_proved", "Identité établie"
        EXTENDED = "extended", "Prolongée, la personne est prévenue"
        PLANNED = "planned", "Plan établi"
        DECIDED = "decided", "Décidée"
        EXECUTED = "executed", "Exécutée"
        RECIPIENTS_TOLD = "recipients_told", "Destinataires prévenus"
        ANSWERED = "answered", "Réponse envoyée"
        REMINDED = "reminded", "Rappel au délégué"

    request = models.ForeignKey(RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField("étape", max_length=20, choices=Kind)
    at = models.DateTimeField("le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est la personne ou le système.",
    )
    details = models.JSONField("détails", default=dict, blank=True, help_text="Des nombres et des codes.")

    class Meta:
        verbose_name = "étape d’une demande"
        verbose_name_plural = "étapes des demandes"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"étape {self.pk}"


class Letter(models.Model):
    """
    What is written to the person about a request: drafted from a template, edited by the DPO, then sent, and never
    changed after. It is read by a link (see `rights.letters`), or was posted.
    """

    class Kind(models.TextChoices):
        ACKNOWLEDGEMENT = "acknowledgement", "Accusé de réception"
        IDENTITY = "identity", "Question sur l’identité"
        EXTENSION = "extension", "Prolongation du délai"
        ANSWER = "answer", "Réponse"
        REFUSAL = "refusal", "Refus"
        LIFTING = "lifting", "Fin d’une limitation"

    class Way(models.TextChoices):
        NONE = "", "—"
        MESSAGE = "message", "Par un lien, à une adresse connue"
        POST = "post", "Par la poste"

    request = models.ForeignKey(RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField("nature", max_length=20, choices=Kind)
    text = models.TextField("texte", max_length=20000)
    reason = models.CharField(
        "raison", max_length=500, blank=True, help_text="Du doute sur l’identité, ou de la prolongation."
    )
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="écrite par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    written_at = models.DateTimeField("écrite le")
    sent_at = models.DateTimeField("envoyée le", null=True, blank=True)
    way = models.CharField("envoyée", max_length=10, choices=Way, blank=True, default=Way.NONE)
    sent_to = models.CharField("adresse du lien", max_length=300, blank=True)
    token_hash = models.CharField("empreinte du lien", max_length=64, blank=True)

    class Meta:
        verbose_name = "lettre"
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["token_hash"], condition=~Q(token_hash=""), name="letter_token")]
        constraints = [
            models.UniqueConstraint(
                fields=["request", "kind"], condition=Q(sent_at=None), name="letter_one_draft_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"lettre {self.pk}"
