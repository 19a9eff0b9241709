from django.db import models
from django.db.models import Q

from accounts.models import User
from interventions.models.invoices import Invoice


class OnlinePayment(models.Model):
    """A visit to the payment provider's page, from its opening to its end. Nothing personal is told there."""

    class State(models.TextChoices):
        OPEN = "open", "En cours"
        PAID = "paid", "Payé"
        EXPIRED = "expired", "Abandonné"
        REFUSED = "refused", "Payé, mais pas ce montant"

    invoice = models.ForeignKey(
        Invoice, verbose_name="facture", on_delete=models.CASCADE, related_name="online_payments"
    )
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2)
    session = models.CharField("session du prestataire de paiement", max_length=255, unique=True, null=True, blank=True)
    state = models.CharField("état", max_length=10, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField("ouvert le")
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)

    class Meta:
        verbose_name = "paiement en ligne"
        verbose_name_plural = "paiements en ligne"
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="online_payment_of_something")]

    def __str__(self) -> str:
        return f"paiement en ligne {self.pk}"


class Payment(models.Model):
    """
    Money that came in, in euros; under zero, money that went back. PostgreSQL refuses to change it: a mistake is
    mended by its contrary, which names it in `reverses`.
    """

    class Method(models.TextChoices):
        CASH = "cash", "Espèces"
        TRANSFER = "transfer", "Virement"
        CARD = "card", "Carte, au terminal"
        CHEQUE = "cheque", "Chèque"
        ONLINE = "online", "Carte, en ligne"

    invoice = models.ForeignKey(Invoice, verbose_name="facture", on_delete=models.CASCADE, related_name="payments")
    method = models.CharField("moyen", max_length=10, choices=Method)
    amount = models.DecimalField("montant", max_digits=12, decimal_places=2)
    received_on = models.DateField("reçu le")
    reference = models.CharField("référence", max_length=40, blank=True, help_text="N° de chèque ou de virement.")
    noted_at = models.DateTimeField("noté le")
    noted_by = models.ForeignKey(
        User, verbose_name="noté par", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reverses = models.OneToOneField(
        "self", verbose_name="annule", null=True, blank=True, on_delete=models.CASCADE, related_name="reversed_by"
    )
    online = models.OneToOneField(
        OnlinePayment, verbose_name="paiement en ligne", null=True, blank=True, on_delete=models.CASCADE
    )

    class Meta:
        verbose_name = "paiement"
        ordering = ["received_on", "pk"]
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="payment_of_something")]

    def __str__(self) -> str:
        return f"paiement {self.pk}"


class ReminderRule(models.Model):
    """When what is unpaid is recalled: so many working days after the invoice, and never before it is due."""

    class Tone(models.TextChoices):
        FRIENDLY = "friendly", "Rappel"
        FIRM = "firm", "Relance"
        LAST = "last", "Mise en demeure"

    after_working_days = models.PositiveSmallIntegerField("jours ouvrés après la facture", unique=True)
    tone = models.CharField("ton", max_length=10, choices=Tone)

    class Meta:
        verbose_name = "règle de relance"
        verbose_name_plural = "règles de relance"
        ordering = ["after_working_days"]

    def __str__(self) -> str:
        return f"{self.get_tone_display()}, {self.after_working_days} jours ouvrés"


class InvoiceReminder(models.Model):
    """One that was sent, or has to be printed where nothing reaches the client otherwise."""

    invoice = models.ForeignKey(Invoice, verbose_name="facture", on_delete=models.CASCADE, related_name="reminders")
    tone = models.CharField("ton", max_length=10, choices=ReminderRule.Tone)
    after_working_days = models.PositiveSmallIntegerField("jours ouvrés après la facture")
    reminded_at = models.DateTimeField("relancée le")
    by_post = models.BooleanField("à poster")

    class Meta:
        verbose_name = "relance"
        ordering = ["reminded_at"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "after_working_days"], name="invoice_reminded_once_a_rule")
        ]

    def __str__(self) -> str:
        return f"relance {self.pk}"
