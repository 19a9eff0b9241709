from django.db import models

from accounts.models import User


class FormSubmission(models.Model):
    """A form of the console that was sent, by its one-time key: sent twice, it acts once. Kept for a day."""

    key = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField(db_index=True)
    led_to = models.CharField(max_length=500, blank=True)

    class Meta:
        verbose_name = "formulaire envoyé"
        verbose_name_plural = "formulaires envoyés"

    def __str__(self) -> str:
        return str(self.key)
