from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Person
from interventions.models.interventions import Intervention


class SurveyAnswer(models.Model):
    """What a person thought of one intervention. It stands on their consent alone, and goes when they take it back."""

    intervention = models.OneToOneField(Intervention, on_delete=models.CASCADE, related_name="survey_answer")
    person = models.ForeignKey(Person, verbose_name="avis de", on_delete=models.PROTECT, related_name="survey_answers")
    answered_at = models.DateTimeField("donné le")
    score = models.PositiveSmallIntegerField("note", validators=[MinValueValidator(1), MaxValueValidator(5)])
    solved = models.BooleanField("problème réglé")
    comment = models.TextField("commentaire", max_length=1000, blank=True)

    class Meta:
        verbose_name = "avis d’un locataire"
        verbose_name_plural = "avis des locataires"
        constraints = [models.CheckConstraint(condition=Q(score__range=(1, 5)), name="survey_answer_one_to_five")]

    def __str__(self) -> str:
        return f"avis {self.pk}"
