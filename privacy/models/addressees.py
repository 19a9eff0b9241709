from datetime import date

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from privacy.policy import EUROPEAN_ECONOMIC_AREA


class Addressee(models.Model):
    """
    Somebody outside to whom data may be given, in their country. Outside the European Economic Area a guarantee of
    chapter V of the GDPR is needed, with its document and for as long as it holds; without one nothing is given.
    """

    class Guarantee(models.TextChoices):
        NONE = "", "Aucune"
        ADEQUACY = "adequacy", "Décision d’adéquation"
        CLAUSES = "clauses", "Clauses types européennes"
        BINDING_RULES = "binding_rules", "Règles internes d’entreprise"

    country = models.CharField(
        "pays",
        max_length=2,
        default="FR",
        validators=[RegexValidator(r"^[A-Z]{2}\Z", "Deux lettres majuscules, comme FR.")],
        help_text="Code de deux lettres (ISO 3166)\N{NO-BREAK SPACE}: FR, BE…",
    )
    guarantee = models.CharField(
        "garantie hors de l’Espace économique européen", max_length=15, choices=Guarantee, blank=True, default=""
    )
    guarantee_document = models.CharField("document de la garantie", max_length=200, blank=True)
    guarantee_until_on = models.DateField("garantie valable jusqu’au", null=True, blank=True)

    class Meta:
        abstract = True

    def transfer_obstacle(self, *, on: date) -> str:
        """Why nothing may be sent there that day (GDPR articles 44 to 47), in French; empty when it may."""
        if self.country in EUROPEAN_ECONOMIC_AREA:
            return ""
        if not self.guarantee or not self.guarantee_document or self.guarantee_until_on is None:
            return f"{self} est hors de l’Espace économique européen ({self.country}), sans garantie enregistrée."
        if self.guarantee_until_on < on:
            return f"La garantie de {self} a expiré le {self.guarantee_until_on:%d/%m/%Y}."
        return ""

    def clean(self) -> None:
        super().clean()
        if self.country not in EUROPEAN_ECONOMIC_AREA and not (
            self.guarantee and self.guarantee_document and self.guarantee_until_on
        ):
            raise ValidationError(
                {
                    "guarantee": "Hors de l’Espace économique européen, donnez la garantie, son document "
                    "et sa date de fin\N{NO-BREAK SPACE}: sans elle, rien ne peut y être transmis."
                }
            )
