from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import TrigramStrictWordSimilarity
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left, Length, Lower
from django.db.models.lookups import StartsWith
from django.utils import timezone

from accounts.phones import ending_of
from accounts.roles import ADMIN_SITE_ROLES, DESK_ROLES, PERMISSIONS, Role
from accounts.search_keys import Reversed, SearchKey, asked, key_field, question
from privacy.restriction import unrestricted

MERGE_UNDO_WINDOW = timedelta(hours=24)
MOST_NAMESAKES = 1000  # that are ranked; who shares a name with more people needs another word to be found


class Title(models.TextChoices):
    UNKNOWN = "", "—"
    MR = "mr", "M."
    MRS = "mrs", "Mme"


class Language(models.TextChoices):
    FRENCH = "fr", "Français"
    ENGLISH = "en", "Anglais"
    ARABIC = "ar", "Arabe"
    TURKISH = "tr", "Turc"
    POLISH = "pl", "Polonais"
    PORTUGUESE = "pt", "Portugais"
    ITALIAN = "it", "Italien"
    OTHER = "zz", "Autre"


class Assistance(models.TextChoices):
    """What the desk does differently for someone. Operational codes, never a reason or a diagnosis."""

    PRIORITY = "priority", "Assistance prioritaire"
    ON_SITE_HELP = "on_site_help", "Aide sur place pour ouvrir"
    LONG_RING = "long_ring", "Laisser sonner longtemps"
    WRITTEN_CONTACT = "written", "Joindre par écrit"
    INTERPRETER = "interpreter", "Interprète"
    RELATIVE_FIRST = "relative_first", "Appeler d’abord le proche désigné"


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: "User") -> Self:
        """
        The desk sees everyone whose data are not restricted, anyone else only themselves. Estates narrow it further, a
        floor above.
        """
        if user.role in DESK_ROLES:
            return self.unrestricted()
        return self.filter(pk=user.person_id)

    def unrestricted(self) -> Self:
        return unrestricted(self, "pk")

    def current(self) -> Self:
        """Without the records that were merged into another."""
        return self.filter(merged_into=None)

    def named(self, text: str) -> Self:
        """
        Those whose name begins so, the family name first or, after them, the given name: ``dupont mar``, ``marie dup``.

        Each order is read from its own index, and no further than needed: an OR of both would visit every Marie.
        """
        key = asked(text)
        by_family_name = self.filter(name_key__startswith=key).order_by("name_key").values("pk")
        by_given_name = self.filter(given_name_key__startswith=key).order_by("given_name_key").values("pk")
        first = by_family_name[:MOST_NAMESAKES].union(by_given_name[:MOST_NAMESAKES])
        return self.filter(pk__in=first).order_by(StartsWith(F("name_key"), key).desc(), "name_key", "pk")

    def sounding_like(self, text: str) -> Self:
        """
        Those whose name is nearly this one, in either order, the nearest first: ``dupond``, ``mari dupond``.

        One measure forgives a letter less (Martn), the other one more (Lefebvre for Lefèvre).
        """
        key = asked(text)
        nearly = Q(name_key__trigram_word_similar=key) | Q(name_key__trigram_strict_word_similar=key)
        alike = self.filter(nearly).values("pk")[:MOST_NAMESAKES]
        likeness = TrigramStrictWordSimilarity(key, "name_key")  # type: ignore[arg-type]  # any expression will do
        same_initial = StartsWith(F("name_key"), Left(key, 1))  # of several words that are as near, the family name
        length = Length("name_key")
        return self.filter(pk__in=alike).order_by(likeness.desc(), same_initial.desc(), length, "name_key", "pk")

    def with_phone(self, text: str) -> Self:
        return self.filter(pk__in=Phone.objects.spelled(text).values("person"))


class Person(models.Model):
    """A data subject (GDPR article 4(1)): tenant, caller, relative or contact, with or without a login."""

    title = models.CharField("civilité", max_length=8, choices=Title, blank=True, default=Title.UNKNOWN)
    family_name = models.CharField("nom", max_length=100)
    given_name = models.CharField("prénom", max_length=100, blank=True)
    email = models.EmailField("adresse e-mail", blank=True)
    language = models.CharField("langue", max_length=2, choices=Language, default=Language.FRENCH)
    assistance = ArrayField(
        models.CharField(max_length=20, choices=Assistance), verbose_name="assistance", default=list, blank=True
    )
    created_at = models.DateTimeField("créée le", default=timezone.now)
    merged_into = models.ForeignKey(
        "self", verbose_name="fusionnée avec", null=True, blank=True, editable=False, on_delete=models.CASCADE
    )
    name_key = key_field(SearchKey("family_name", "given_name"))
    given_name_key = key_field(SearchKey("given_name", "family_name"))

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "personne"
        indexes = [
            models.Index(fields=["name_key"], name="person_name_key"),
            models.Index(fields=["given_name_key"], name="person_given_name_key"),
            GinIndex(OpClass(F("name_key"), name="gin_trgm_ops"), name="person_name_trigrams"),
            models.Index(Lower("email"), condition=~Q(email=""), name="person_email"),
        ]

    def __str__(self) -> str:
        return f"fiche {self.pk}"  # the admin's log keeps this text, so it holds no name

    @property
    def full_name(self) -> str:
        """As on a letter box: ``Mme DUPONT Marie``."""
        return " ".join(
            filter(None, [self.get_title_display() if self.title else "", self.family_name.upper(), self.given_name])
        )

    @property
    def assistance_labels(self) -> list[str]:
        return [Assistance(code).label for code in self.assistance]


class PhoneQuerySet(models.QuerySet["Phone"]):
    def spelled(self, text: str) -> Self:
        """This number in any French spelling or E.164, or those that end so (four digits at least)."""
        ending = ending_of(question(text))
        return self.filter(reversed_number__startswith=ending[::-1]) if ending else self.none()


class Phone(models.Model):
    class Kind(models.TextChoices):
        MOBILE = "mobile", "Portable"
        HOME = "home", "Domicile"
        WORK = "work", "Travail"
        RELATIVE = "relative", "Proche"

    person = models.ForeignKey(Person, verbose_name="personne", on_delete=models.CASCADE, related_name="phones")
    number = models.CharField("numéro", max_length=16, db_collation="C", help_text="E.164, par exemple +33327123456")
    kind = models.CharField("type", max_length=10, choices=Kind, default=Kind.MOBILE)
    reversed_number = key_field(Reversed("number"))

    objects = PhoneQuerySet.as_manager()

    class Meta:
        verbose_name = "téléphone"
        constraints = [
            models.UniqueConstraint(fields=["person", "number"], name="phone_once_a_person"),
            models.CheckConstraint(condition=Q(number__regex=r"^\+[1-9][0-9]{4,14}$"), name="phone_is_e164"),
        ]
        indexes = [
            models.Index(fields=["number"], name="phone_number"),
            models.Index(fields=["reversed_number"], name="phone_reversed_number"),
        ]

    def __str__(self) -> str:
        return f"téléphone {self.pk}"


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def with_perm(self, perm: str) -> "models.QuerySet[User]":
        """Who may do this, as Django's own manager of users has it."""
        roles = [role for role, given in PERMISSIONS.items() if any(fnmatchcase(perm, each) for each in given)]
        return self.filter(is_active=True, role__in=roles)

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, role=Role.ADMINISTRATOR, **fields)


class User(AbstractBaseUser):
    """A login, by e-mail. A tenant's login belongs to a person; staff have none."""

    email = models.EmailField("adresse e-mail", unique=True)
    full_name = models.CharField("nom affiché", max_length=120, blank=True)
    role = models.CharField("rôle", max_length=20, choices=Role)
    person = models.OneToOneField(
        Person, verbose_name="personne", null=True, blank=True, on_delete=models.SET_NULL, related_name="user"
    )
    is_active = models.BooleanField("actif", default=True)
    date_joined = models.DateTimeField("créé le", default=timezone.now)
    last_active_at = models.DateTimeField("dernière activité le", default=timezone.now)
    first_warned_at = models.DateTimeField("prévenu une première fois le", null=True, blank=True, editable=False)
    last_warned_at = models.DateTimeField("prévenu une dernière fois le", null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(
        "fermé le", null=True, blank=True, editable=False, help_text="Il ne reste alors qu’un numéro."
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "compte"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return f"compte {self.pk}"

    @property
    def display_name(self) -> str:
        return self.full_name or str(self)

    @property
    def is_desk(self) -> bool:
        return self.role in DESK_ROLES

    @property
    def is_supervisor(self) -> bool:
        return self.role == Role.SUPERVISOR

    @property
    def is_staff(self) -> bool:
        """May enter the admin site. What they may do there is `has_perm`'s to say."""
        return self.role in ADMIN_SITE_ROLES

    @property
    def is_superuser(self) -> bool:
        return self.is_active and self.role == Role.ADMINISTRATOR

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """``perm`` is ``app.action_model``. Who may do what is `accounts.roles.PERMISSIONS`."""
        return self.is_active and any(fnmatchcase(perm, allowed) for allowed in PERMISSIONS.get(self.role, ()))

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and any(
            allowed.split(".")[0] in (app_label, "*") for allowed in PERMISSIONS.get(self.role, ())
        )


class RecoveryCode(models.Model):
    """Stands in once for a lost second factor. Only its keyed hash is kept."""

    user = models.ForeignKey(User, verbose_name="compte", on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField("empreinte", max_length=64)
    created_at = models.DateTimeField("créé le")

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"code de secours {self.pk}"


class PersonMerge(models.Model):
    """
    Two records found to be one person. What moved is kept by id, so that it can be put back within 24 hours.

    `absorbed` stays, hidden, until the delay has run out; then both this row and it are forgotten.
    """

    kept = models.ForeignKey(Person, verbose_name="fiche gardée", on_delete=models.CASCADE, related_name="merges")
    absorbed = models.OneToOneField(
        Person, verbose_name="fiche fusionnée", on_delete=models.CASCADE, related_name="absorption"
    )
    merged_at = models.DateTimeField("le", db_index=True)
    merged_by = models.ForeignKey(User, verbose_name="par", on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField("déplacés", help_text="Par champ, les numéros des lignes qui ont suivi.")
    completed = ArrayField(
        models.CharField(max_length=20), verbose_name="champs complétés", default=list, help_text="De la fiche gardée."
    )
    added_assistance = ArrayField(
        models.CharField(max_length=20, choices=Assistance), verbose_name="assistance ajoutée", default=list
    )

    class Meta:
        verbose_name = "fusion de fiches"

    def __str__(self) -> str:
        return f"fusion {self.pk}"

    @property
    def undoable_until(self) -> datetime:
        return self.merged_at + MERGE_UNDO_WINDOW
