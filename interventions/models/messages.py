from typing import Self

from django.db import models
from django.db.models import Q

from accounts.models import Person, User
from interventions.models.interventions import Intervention


class TenantMessageQuerySet(models.QuerySet["TenantMessage"]):
    def for_desk(self) -> Self:
        """What tenants wrote and nobody at the desk has answered or put aside."""
        return self.filter(author=None, read_at=None)

    def for_tenant(self) -> Self:
        """What the desk wrote and its tenant has not opened."""
        return self.filter(author__isnull=False, read_at=None)


class TenantMessage(models.Model):
    """A word between the desk and the person an intervention is for. Written once: only `read_at` comes later."""

    intervention = models.ForeignKey(Intervention, on_delete=models.CASCADE, related_name="messages")
    person = models.ForeignKey(
        Person, verbose_name="échange avec", on_delete=models.PROTECT, related_name="tenant_messages"
    )
    author = models.ForeignKey(
        User,
        verbose_name="auteur",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand c’est la personne elle-même.",
    )
    at = models.DateTimeField("le")
    text = models.TextField("texte", max_length=2000)
    read_at = models.DateTimeField("lu le", null=True, blank=True)

    objects = TenantMessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message du locataire ou pour lui"
        verbose_name_plural = "échanges avec les locataires"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["at"], condition=Q(author=None, read_at=None), name="tenant_message_waiting")]

    def __str__(self) -> str:
        return f"message {self.pk}"
