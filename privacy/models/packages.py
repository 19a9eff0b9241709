from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from privacy.models.requests import RightsRequest

LINK_LIVES = timedelta(days=7)


class MatchedRecord(models.Model):
    """Another record of the person who asks, as the DPO recognised it: what a right does, it does to all of them."""

    request = models.ForeignKey(
        RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="matched_records"
    )
    person = models.ForeignKey(
        settings.PRIVACY_SUBJECT_MODEL, verbose_name="fiche", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "autre fiche de la personne"
        verbose_name_plural = "autres fiches de la personne"

    def __str__(self) -> str:
        return f"fiche reconnue {self.pk}"


class ExportPackageQuerySet(models.QuerySet["ExportPackage"]):
    def to_do(self) -> Self:
        """Those that a task has something to do for: list the texts to read again, or build."""
        return self.filter(Q(listed_at=None) | Q(reviewed_at__isnull=False, built_at=None))

    def open_to_link(self, *, now: datetime) -> Self:
        """Released, not fetched yet, and not too long ago."""
        return self.filter(released_at__gt=now - LINK_LIVES, fetched_at=None)


class ExportPackage(models.Model):
    """
    The copy of a person's data that answers a request for access (GDPR article 15) or portability (article 20).

    Its texts are listed, read again by the DPO, then it is built, encrypted under a key of its own, and released by a
    link that serves once. It is changed by `rights.packages` only.
    """

    class Failure(models.TextChoices):
        NONE = "", "—"
        DISK_FULL = "disk_full", "Le disque est plein. Rien n’est perdu : elle reprend dès qu’il y a de la place."
        ERROR = "error", "Une erreur l’a interrompue. Elle est dans le journal technique ; un autre essai suit."

    request = models.OneToOneField(
        RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="package"
    )
    started_at = models.DateTimeField("commencée le")
    listed_at = models.DateTimeField("textes relevés le", null=True, blank=True)
    reviewed_at = models.DateTimeField("relue le", null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="relue par",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Vide quand il n’y avait rien à relire.",
    )
    done = models.PositiveIntegerField("éléments traités", default=0)
    total = models.PositiveIntegerField("éléments en tout", default=0)
    failure = models.CharField("échec", max_length=20, choices=Failure, blank=True, default=Failure.NONE)

    built_at = models.DateTimeField("prête le", null=True, blank=True)
    file = models.FileField("copie chiffrée", upload_to="packages", blank=True)
    wrapped_key = models.BinaryField("clé chiffrée", null=True, blank=True)
    size = models.PositiveBigIntegerField("taille", default=0, help_text="En octets, en clair.")
    files = models.PositiveIntegerField("fichiers joints", default=0)
    unreadable = models.PositiveIntegerField("fichiers illisibles", default=0)

    released_at = models.DateTimeField("mise à disposition le", null=True, blank=True)
    token_hash = models.CharField("empreinte du lien", max_length=64, blank=True)
    fetched_at = models.DateTimeField("téléchargée le", null=True, blank=True)

    objects = ExportPackageQuerySet.as_manager()

    class Meta:
        verbose_name = "copie des données"
        verbose_name_plural = "copies des données"
        indexes = [
            models.Index(fields=["token_hash"], condition=~Q(token_hash=""), name="package_token"),
            models.Index(fields=["released_at"], name="package_released"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(built_at=None) | (Q(reviewed_at__isnull=False) & ~Q(file="")),
                name="package_is_reviewed_before_it_is_built",
            ),
            models.CheckConstraint(
                condition=Q(released_at=None) | Q(built_at__isnull=False), name="package_is_built_before_it_is_released"
            ),
        ]

    def __str__(self) -> str:
        return f"copie {self.pk}"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0

    @property
    def is_at_work(self) -> bool:
        return self.listed_at is None or (self.reviewed_at is not None and self.built_at is None)

    @property
    def link_until(self) -> datetime | None:
        return self.released_at + LINK_LIVES if self.released_at else None


class ReviewedText(models.Model):
    """
    A text in which third parties may be named, and what of it is masked. The text itself is not copied: its keyed hash
    tells whether it is still the one that was read.
    """

    package = models.ForeignKey(ExportPackage, verbose_name="copie", on_delete=models.CASCADE, related_name="texts")
    model = models.CharField("modèle", max_length=100)
    object_id = models.BigIntegerField("numéro")
    field = models.CharField("champ", max_length=50)
    text_hash = models.CharField("empreinte", max_length=64)
    shared = models.BooleanField("d’une ligne sur plusieurs personnes")
    whole = models.BooleanField("masqué en entier", default=False)
    masks = models.JSONField("passages masqués", default=list, blank=True, help_text="[[de, à], …], en caractères.")
    checked_at = models.DateTimeField("relu le", null=True, blank=True)

    class Meta:
        verbose_name = "texte à relire"
        verbose_name_plural = "textes à relire"
        constraints = [
            models.UniqueConstraint(fields=["package", "model", "object_id", "field"], name="reviewed_text_once")
        ]

    def __str__(self) -> str:
        return f"texte {self.pk}"


class RequestCopy(models.Model):
    """
    A file that would be due before its request is answered, copied when that came in, so that an answer delays no
    deletion. Encrypted under a key of its own; it goes soon after the answer.
    """

    request = models.ForeignKey(RightsRequest, verbose_name="demande", on_delete=models.CASCADE, related_name="copies")
    source_model = models.CharField("modèle d’origine", max_length=100)
    source_id = models.BigIntegerField("numéro d’origine")
    purpose = models.CharField("finalité", max_length=40)
    what = models.CharField("ce que c’est", max_length=100)
    of_at = models.DateTimeField("du")
    copied_at = models.DateTimeField("copié le")
    file = models.FileField("fichier chiffré", upload_to="copies")
    wrapped_key = models.BinaryField("clé chiffrée")
    content_type = models.CharField("format", max_length=100)
    size = models.PositiveBigIntegerField("taille", help_text="En octets, en clair.")

    class Meta:
        verbose_name = "copie d’un fichier"
        verbose_name_plural = "copies de fichiers"
        constraints = [
            models.UniqueConstraint(fields=["request", "source_model", "source_id"], name="request_copy_once")
        ]

    def __str__(self) -> str:
        return f"copie de fichier {self.pk}"
