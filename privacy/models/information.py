from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class ThirdPartyNoticeQuerySet(models.QuerySet["ThirdPartyNotice"]):
    def waiting(self) -> Self:
        """Neither told nor exempt, the most pressing first."""
        return self.filter(told_at=None, exempted_at=None).order_by("due_on", "pk")


class ThirdPartyNotice(models.Model):
    """
    Somebody whose data another person gave us is to be told so: at the first contact, within a month at the latest
    (GDPR article 14(3)), or not at all, for one of the reasons of article 14(5).
    """

    class How(models.TextChoices):
        CALL = "call", "Au téléphone"
        MESSAGE = "message", "Par message"
        LETTER = "letter", "Par courrier"
        PORTAL = "portal", "Sur le portail"

    class Exemption(models.TextChoices):
        KNOWS = "knows", "La personne le sait déjà (a)"
        IMPOSSIBLE = "impossible", "Impossible, ou effort disproportionné (b)"
        LAW = "law", "La loi prévoit cette collecte (c)"
        SECRET = "secret", "Secret professionnel (d)"

    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="personne", on_delete=models.CASCADE, related_name="+"
    )
    source_model = models.CharField("pièce", max_length=100, help_text="Là où une autre personne a parlé d’elle.")
    source_id = models.BigIntegerField("numéro de la pièce")
    learned_at = models.DateTimeField("données reçues le")
    due_on = models.DateField("à informer avant le")
    told_at = models.DateTimeField("informée le", null=True, blank=True)
    told_how = models.CharField("comment", max_length=10, choices=How, blank=True)
    exempted_at = models.DateTimeField("dispensée le", null=True, blank=True)
    exemption = models.CharField("dispense", max_length=12, choices=Exemption, blank=True)
    exemption_reason = models.CharField("pourquoi", max_length=300, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = ThirdPartyNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "tiers à informer"
        verbose_name_plural = "tiers à informer"
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(told_at=None, exempted_at=None), name="third_party_notice_waiting"
            ),
            models.Index(fields=["source_model", "source_id"], name="third_party_notice_source"),
            models.Index(fields=["learned_at"], name="third_party_notice_learned"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(told_at=None) | ~Q(told_how=""), name="third_party_notice_told_says_how"
            ),
            models.CheckConstraint(
                condition=Q(exempted_at=None) | (~Q(exemption="") & ~Q(exemption_reason="")),
                name="third_party_notice_exemption_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"tiers à informer {self.pk}"
