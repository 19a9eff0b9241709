from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.models.requests import RightsRequest


class SuggestionReviewQuerySet(models.QuerySet["SuggestionReview"]):
    def waiting(self) -> Self:
        return self.filter(done_at=None, request__answered_at=None, request__person__isnull=False)


class SuggestionReview(models.Model):
    """
    What a suggestion led to, to be looked at again by somebody, as its person asked (GDPR article 22(3)). Which rows a
    `suggestion` is about is its app's to say.
    """

    request = models.ForeignKey(RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="reviews")
    suggestion = models.CharField("suggestion", max_length=40)
    object_id = models.BigIntegerField("numéro")
    asked_at = models.DateTimeField("demandée le")
    done_at = models.DateTimeField("revue le", null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="revue par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    changed = models.BooleanField("changée", null=True, blank=True)
    told = models.CharField("ce qui en est dit", max_length=200, blank=True)
    reason = models.CharField("pourquoi", max_length=500, blank=True)

    objects = SuggestionReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "suggestion à revoir"
        verbose_name_plural = "suggestions à revoir"
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["request", "suggestion", "object_id"], name="reviewed_once_a_request"),
            models.CheckConstraint(
                condition=Q(done_at=None) | (Q(changed__isnull=False) & ~Q(reason="")),
                name="review_says_what_and_why",
            ),
        ]
        indexes = [models.Index(fields=["suggestion", "object_id"], condition=Q(done_at=None), name="review_waiting")]

    def __str__(self) -> str:
        return f"revue {self.pk}"
