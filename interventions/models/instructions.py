from django.db import models
from django.db.models import Q

from interventions.models.estate import Landlord
from interventions.problems import Trade, problem_choices


class TimeWindow(models.Model):
    """A kind of day and hours of it. Blank hours: the whole day. A window may pass midnight (20:00 → 07:00)."""

    class Days(models.TextChoices):
        ANY = "any", "Tous les jours"
        WORKING = "working", "Jours ouvrés"
        OFF = "off", "Week-ends et jours fériés"

    days = models.CharField("jours", max_length=10, choices=Days, default=Days.ANY)
    from_time = models.TimeField("de", null=True, blank=True)
    until_time = models.TimeField("à", null=True, blank=True)

    class Meta:
        abstract = True


class Instruction(TimeWindow):
    """
    What a landlord wants done (consigne) for a problem, at a time of the day or on a kind of day.

    A blank problem means every problem of the trade, a blank trade means all of them.
    """

    class Action(models.TextChoices):
        SEND_NOW = "send_now", "Envoyer tout de suite"
        NEXT_WORKING_DAY = "next_working_day", "Jour ouvré suivant"
        NOT_OURS = "not_ours", "Pas pour nous"

    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="instructions"
    )
    trade = models.CharField("métier", max_length=20, choices=Trade, blank=True)
    problem = models.CharField("problème", max_length=40, choices=problem_choices, blank=True)
    action = models.CharField("que faire", max_length=20, choices=Action)
    on_site_minutes = models.PositiveIntegerField("sur place en (minutes)", null=True, blank=True)
    refer_to = models.CharField("vers qui orienter", max_length=200, blank=True)
    sends_to_next = models.BooleanField(
        "sans réponse, envoyer seul au suivant",
        default=False,
        db_default=False,
        help_text="Sinon un agent confirme le prestataire suivant.",
    )

    class Meta:
        verbose_name = "consigne"
        constraints = [
            models.CheckConstraint(
                condition=Q(from_time=None, until_time=None) | Q(from_time__isnull=False, until_time__isnull=False),
                name="instruction_hours_are_a_pair",
            ),
            models.CheckConstraint(
                condition=~Q(action="not_ours") | ~Q(refer_to=""), name="instruction_not_ours_says_to_whom"
            ),
            models.CheckConstraint(
                condition=~Q(action="send_now") | Q(on_site_minutes__isnull=False),
                name="instruction_send_now_says_by_when",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} ({self.get_days_display().lower()})"
