from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from privacy.models.requests import RightsRequest
from privacy.policy import RECIPIENTS

RECIPIENT_KINDS = {recipient.key: recipient for recipient in RECIPIENTS}
ASKED_AGAIN_AFTER = timedelta(days=1)


class Disclosure(models.Model):
    """
    Which fields of somebody's data a recipient was given, by name and never by value: what for, when and by whom.

    `ended_at` is the end of what they were given for; the row lives as long after it as that does.
    """

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="disclosures"
    )
    recipient_kind = models.CharField("sorte de destinataire", max_length=20)
    recipient_name = models.CharField("destinataire", max_length=120)
    recipient_model = models.CharField("modèle du destinataire", max_length=100, blank=True)
    recipient_id = models.BigIntegerField("numéro du destinataire", null=True, blank=True)
    country = models.CharField("pays", max_length=2, default="FR")
    fields = ArrayField(models.CharField(max_length=60), verbose_name="données remises")
    purpose = models.CharField("finalité", max_length=40)
    source_model = models.CharField("pièce", max_length=100)
    source_id = models.BigIntegerField("numéro de la pièce")
    at = models.DateTimeField("remises le")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est le système.",
    )
    ended_at = models.DateTimeField("fin de ce pour quoi", null=True, blank=True)
    deletion_attested_at = models.DateTimeField("effacement attesté le", null=True, blank=True)

    class Meta:
        verbose_name = "transmission"
        indexes = [
            models.Index(fields=["source_model", "source_id"], name="disclosure_source"),
            models.Index(fields=["ended_at"], name="disclosure_ended"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(recipient_model="", recipient_id=None)
                | (~Q(recipient_model="") & Q(recipient_id__isnull=False)),
                name="disclosure_recipient_is_whole",
            )
        ]

    def __str__(self) -> str:
        return f"transmission {self.pk}"

    @property
    def kind_label(self) -> str:
        return RECIPIENT_KINDS[self.recipient_kind].label


class RecipientNoticeQuerySet(models.QuerySet["RecipientNotice"]):
    def unsettled(self) -> Self:
        return self.filter(acknowledged_at=None, impossible_at=None)

    def to_send(self, *, now: datetime) -> Self:
        """What was done is to be told, once a day until it is acknowledged or given up."""
        asleep = Q(last_sent_at__gt=now - ASKED_AGAIN_AFTER)
        return self.unsettled().filter(request__executed_at__isnull=False).exclude(asleep)


class RecipientNotice(models.Model):
    """
    What one recipient has to do too after a rectification, an erasure or a restriction (GDPR article 19).

    It names pieces by number and nobody: the recipient has the rest. It ends when it is acknowledged, or when telling
    proves impossible or out of all proportion, with the reason.
    """

    request = models.ForeignKey(
        RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="recipient_notices"
    )
    recipient_kind = models.CharField("sorte de destinataire", max_length=20)
    recipient_name = models.CharField("destinataire", max_length=120)
    recipient_model = models.CharField("modèle du destinataire", max_length=100, blank=True)
    recipient_id = models.BigIntegerField("numéro du destinataire", null=True, blank=True)
    pieces = models.JSONField("pièces", default=list, help_text="[modèle, numéro, champs] de ce qui a été remis.")
    made_at = models.DateTimeField("à prévenir depuis le")
    sent = models.PositiveSmallIntegerField("envois", default=0)
    last_sent_at = models.DateTimeField("dernier envoi le", null=True, blank=True)
    acknowledged_at = models.DateTimeField("confirmé le", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="confirmé à",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand le destinataire l’a fait lui-même.",
    )
    impossible_at = models.DateTimeField("abandonné le", null=True, blank=True)
    impossible_reason = models.CharField("pourquoi c’est impossible", max_length=300, blank=True)

    objects = RecipientNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "destinataire à prévenir"
        verbose_name_plural = "destinataires à prévenir"
        constraints = [
            models.UniqueConstraint(
                fields=["request", "recipient_kind", "recipient_name", "recipient_model", "recipient_id"],
                nulls_distinct=False,
                name="recipient_notice_once",
            ),
            models.CheckConstraint(
                condition=Q(impossible_at=None) | ~Q(impossible_reason=""), name="recipient_notice_impossible_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"destinataire à prévenir {self.pk}"

    @property
    def is_settled(self) -> bool:
        return self.acknowledged_at is not None or self.impossible_at is not None

    @property
    def key(self) -> tuple[Any, ...]:
        return self.recipient_kind, self.recipient_name, self.recipient_model, self.recipient_id
