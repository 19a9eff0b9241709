import json
import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.encryption import EncryptedTextField


def new_reference() -> str:
    """Twenty characters are what a tag may have at providers."""
    return secrets.token_hex(10)


class OutgoingMessageQuerySet(models.QuerySet["OutgoingMessage"]):
    def waiting(self, *, now: datetime) -> Self:
        """Those whose turn it is: neither sent nor given up, and not between two attempts."""
        return self.filter(content__isnull=False, next_try_at__lte=now)


class OutgoingMessage(models.Model):
    """
    An e-mail or SMS to somebody. What it says, and to which address, is encrypted until it is sent or given up, and
    then gone: the row is left as the log of messages, without content.
    """

    class Channel(models.TextChoices):
        MAIL = "mail", "E-mail"
        SMS = "sms", "SMS"

    reference = models.CharField(
        "référence",
        max_length=20,
        default=new_reference,
        unique=True,
        editable=False,
        help_text="Ce que le prestataire en sait\N{NO-BREAK SPACE}: un message réessayé n’est pas envoyé deux fois.",
    )
    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL,
        verbose_name="personne",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    channel = models.CharField("canal", max_length=4, choices=Channel)
    kind = models.CharField("message", max_length=40)
    language = models.CharField("langue", max_length=2)
    content = EncryptedTextField("contenu", null=True, blank=True)
    queued_at = models.DateTimeField("demandé le", db_index=True)
    attempts = models.PositiveSmallIntegerField("essais", default=0)
    next_try_at = models.DateTimeField("prochain essai")
    sent_at = models.DateTimeField("parti le", null=True, blank=True)
    given_up_at = models.DateTimeField("abandonné le", null=True, blank=True)
    provider_reference = models.CharField("référence du prestataire", max_length=100, blank=True)

    objects = OutgoingMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message envoyé"
        verbose_name_plural = "messages envoyés"
        constraints = [
            models.CheckConstraint(
                condition=Q(content__isnull=False, sent_at=None, given_up_at=None)
                | Q(content=None, sent_at__isnull=False, given_up_at=None)
                | Q(content=None, sent_at=None, given_up_at__isnull=False),
                name="outgoing_message_content_ends",
            )
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(content__isnull=False), name="outgoing_message_waiting")
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    def said(self) -> dict[str, str]:
        """`to`, `link` and `code`, as long as it waits."""
        return dict(json.loads(str(self.content or "{}")))
