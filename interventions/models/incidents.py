from typing import Self

from django.db import models
from django.utils import timezone

from accounts.models import User
from accounts.roles import DESK_ROLES
from interventions.models.estate import Equipment, Residence
from interventions.problems import PROBLEMS_BY_CODE, Problem, problem_choices


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: User) -> Self:
        if user.role in DESK_ROLES:
            return self
        return self.filter(residence__in=Residence.objects.visible_to(user))

    def open(self) -> Self:
        return self.filter(closed_at=None)


class Incident(models.Model):
    """One failure of a residence (lift, boiler, water…) that gathers the interventions of all who call about it."""

    residence = models.ForeignKey(
        Residence, verbose_name="résidence", on_delete=models.PROTECT, related_name="incidents"
    )
    equipment = models.ForeignKey(
        Equipment, verbose_name="équipement", null=True, blank=True, on_delete=models.SET_NULL, related_name="incidents"
    )
    problem_code = models.CharField("problème", max_length=40, choices=problem_choices)
    opened_at = models.DateTimeField("ouvert le", default=timezone.now)
    opened_by = models.ForeignKey(User, verbose_name="ouvert par", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField("clos le", null=True, blank=True)
    counted = models.BooleanField("dans les chiffres", default=False, db_default=False, editable=False)

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = "incident"
        constraints = [
            models.UniqueConstraint(
                fields=["residence", "problem_code", "equipment"],
                condition=models.Q(closed_at=None),
                nulls_distinct=False,
                name="incident_once_while_open",
            )
        ]
        indexes = [models.Index(fields=["opened_at"], condition=models.Q(closed_at=None), name="incident_open")]

    def __str__(self) -> str:
        return f"{self.problem.label} — {self.residence}"

    @property
    def problem(self) -> Problem:
        return PROBLEMS_BY_CODE[self.problem_code]
