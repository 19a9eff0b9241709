from datetime import date
from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from accounts.models import Person, User
from accounts.roles import DESK_ROLES, Role
from accounts.search_keys import SearchKey, asked, key_field, spaceless
from interventions.problems import Trade
from privacy.encryption import EncryptedTextField
from privacy.restriction import unrestricted

SIREN = RegexValidator(r"^[0-9]{9}\Z", "Un SIREN a 9 chiffres.")
VAT_NUMBER = RegexValidator(
    r"^[A-Z]{2}[0-9A-Z]{2,13}\Z",
    "Un numéro de TVA commence par le pays, sans espace\N{NO-BREAK SPACE}: FR12345678901.",
)
E164 = Q(number__regex=r"^\+[1-9][0-9]{2,14}$")


class LandlordQuerySet(models.QuerySet["Landlord"]):
    def visible_to(self, user: User) -> Self:
        if user.role in DESK_ROLES:
            return self
        if user.role == Role.LANDLORD_MANAGER:
            return self.filter(managers=user)
        return self.none()


class Landlord(models.Model):
    """A social landlord (bailleur social) that the desk works for."""

    name = models.CharField("nom", max_length=120, unique=True)
    code = models.SlugField("code", max_length=30, unique=True, help_text="Nom court, pour les imports.")
    contract_from_on = models.DateField("début du contrat")
    contract_until_on = models.DateField("fin du contrat", null=True, blank=True)
    retention_months = models.PositiveSmallIntegerField(
        "conservation des interventions (mois)",
        null=True,
        blank=True,
        help_text="Le contrat ne peut que raccourcir la durée de la politique.",
    )
    recording_months = models.PositiveSmallIntegerField(
        "conservation des enregistrements (mois)",
        null=True,
        blank=True,
        help_text="Le contrat ne peut que raccourcir la durée de la politique.",
    )
    on_call_trades = ArrayField(
        models.CharField(max_length=20, choices=Trade),
        verbose_name="métiers sous astreinte",
        default=list,
        db_default=[],
        blank=True,
        help_text="Ceux où quelqu’un doit pouvoir être envoyé à toute heure. Aucun : ceux où une urgence est possible.",
    )
    spending_limit = models.DecimalField(
        "plafond d’une dépense sans accord (€ HT)", max_digits=9, decimal_places=2, null=True, blank=True
    )
    billing_name = models.CharField("raison sociale facturée", max_length=200, blank=True, db_default="")
    billing_street = models.CharField("adresse de facturation", max_length=200, blank=True, db_default="")
    billing_postcode = models.CharField("code postal", max_length=12, blank=True, db_default="")
    billing_city = models.CharField("commune", max_length=100, blank=True, db_default="")
    billing_country = models.CharField(
        "pays", max_length=2, default="FR", db_default="FR", help_text="Deux lettres : FR, BE, LU…"
    )
    siren = models.CharField("SIREN", max_length=9, blank=True, db_default="", validators=[SIREN])
    vat_number = models.CharField("numéro de TVA", max_length=15, blank=True, db_default="", validators=[VAT_NUMBER])
    managers = models.ManyToManyField(User, verbose_name="gestionnaires", blank=True, related_name="landlords")

    objects = LandlordQuerySet.as_manager()

    class Meta:
        verbose_name = "bailleur"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(contract_until_on=None) | Q(contract_until_on__gte=F("contract_from_on")),
                name="landlord_contract_in_order",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DialledNumber(models.Model):
    """A number that tenants of one landlord dial: it tells the desk whom it answers for."""

    landlord = models.ForeignKey(
        Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="dialled_numbers"
    )
    number = models.CharField("numéro appelé", max_length=16, unique=True, help_text="E.164")

    class Meta:
        verbose_name = "numéro appelé"
        verbose_name_plural = "numéros appelés"
        constraints = [models.CheckConstraint(condition=E164, name="dialled_number_is_e164")]

    def __str__(self) -> str:
        return self.number


class LandlordContact(models.Model):
    """Someone at the landlord's whom the desk may reach."""

    landlord = models.ForeignKey(Landlord, verbose_name="bailleur", on_delete=models.CASCADE, related_name="contacts")
    name = models.CharField("nom", max_length=120)
    position = models.CharField("fonction", max_length=120, blank=True)
    number = models.CharField("téléphone", max_length=16, blank=True, help_text="E.164")
    email = models.EmailField("adresse e-mail", blank=True)
    approves_spending = models.BooleanField("accorde les dépenses", default=False, db_default=False)

    class Meta:
        verbose_name = "contact du bailleur"
        verbose_name_plural = "contacts du bailleur"
        constraints = [models.CheckConstraint(condition=Q(number="") | E164, name="landlord_contact_is_e164")]

    def __str__(self) -> str:
        return f"contact {self.pk}"


class ResidenceQuerySet(models.QuerySet["Residence"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(landlord__in=Landlord.objects.visible_to(user))

    def at_address(self, text: str) -> Self:
        """By name, street, postcode and town, nearly spelled, the nearest first: ``12 rue gambeta cambrai``."""
        key = asked(text)
        likeness = TrigramWordSimilarity(key, "address_key")  # type: ignore[arg-type]  # any expression will do
        return self.filter(address_key__trigram_word_similar=key).order_by(likeness.desc(), "address_key", "pk")


class Residence(models.Model):
    landlord = models.ForeignKey(Landlord, verbose_name="bailleur", on_delete=models.PROTECT, related_name="residences")
    reference = models.CharField("référence", max_length=40, help_text="Celle du bailleur.")
    name = models.CharField("nom", max_length=120)
    street = models.CharField("adresse", max_length=200)
    postcode = models.CharField("code postal", max_length=5)
    city = models.CharField("commune", max_length=100)
    sector = models.CharField("secteur", max_length=60, blank=True)
    address_key = key_field(SearchKey("name", "street", "postcode", "city"))

    objects = ResidenceQuerySet.as_manager()

    class Meta:
        verbose_name = "résidence"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["landlord", "reference"], name="residence_reference_once_a_landlord"),
            models.CheckConstraint(condition=Q(postcode__regex=r"^[0-9]{5}$"), name="residence_postcode"),
        ]
        indexes = [GinIndex(OpClass(F("address_key"), name="gin_trgm_ops"), name="residence_address_trigrams")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}"


class Equipment(models.Model):
    """What a residence's dwellings share, and what fails for all of them at once."""

    class Kind(models.TextChoices):
        LIFT = "lift", "Ascenseur"
        BOILER = "boiler", "Chaufferie"
        HOT_WATER = "hot_water", "Production d’eau chaude"
        GARAGE_DOOR = "garage_door", "Porte de garage"
        ENTRANCE = "entrance", "Porte d’entrée et interphone"
        WATER_PUMP = "water_pump", "Surpresseur d’eau"
        AERIAL = "aerial", "Antenne collective"
        VENTILATION = "ventilation", "Ventilation"

    residence = models.ForeignKey(
        Residence, verbose_name="résidence", on_delete=models.CASCADE, related_name="equipment"
    )
    kind = models.CharField("type", max_length=20, choices=Kind)
    label = models.CharField("désignation", max_length=120)

    class Meta:
        verbose_name = "équipement"
        constraints = [models.UniqueConstraint(fields=["residence", "label"], name="equipment_label_once")]

    def __str__(self) -> str:
        return self.label


class AccessCode(models.Model):
    """How to get in. Encrypted at rest, and shown only inside an open intervention."""

    residence = models.ForeignKey(
        Residence, verbose_name="résidence", on_delete=models.CASCADE, related_name="access_codes"
    )
    label = models.CharField("accès", max_length=120)
    code = EncryptedTextField("code")

    class Meta:
        verbose_name = "code d’accès"
        verbose_name_plural = "codes d’accès"
        constraints = [models.UniqueConstraint(fields=["residence", "label"], name="access_code_label_once")]

    def __str__(self) -> str:
        return self.label


class DwellingQuerySet(models.QuerySet["Dwelling"]):
    def visible_to(self, user: User) -> Self:
        if user.role in DESK_ROLES:
            return self
        return self.filter(residence__in=Residence.objects.visible_to(user))


class Dwelling(models.Model):
    residence = models.ForeignKey(
        Residence, verbose_name="résidence", on_delete=models.PROTECT, related_name="dwellings"
    )
    reference = models.CharField("référence", max_length=40, help_text="Celle du bailleur.")
    staircase = models.CharField("escalier", max_length=20, blank=True)
    floor = models.CharField("étage", max_length=20, blank=True)
    door = models.CharField("porte", max_length=20, blank=True)

    objects = DwellingQuerySet.as_manager()

    class Meta:
        verbose_name = "logement"
        constraints = [models.UniqueConstraint(fields=["residence", "reference"], name="dwelling_reference_once")]

    def __str__(self) -> str:
        return self.place or self.reference

    @property
    def place(self) -> str:
        return self.place_of(self.staircase, self.floor, self.door)

    @staticmethod
    def place_of(staircase: str, floor: str, door: str) -> str:
        """``esc. B, étage 3, porte 12``, of what is known."""
        parts = (("esc.", staircase), ("étage", floor), ("porte", door))
        return ", ".join(f"{word} {value}" for word, value in parts if value)


class TenancyQuerySet(models.QuerySet["Tenancy"]):
    def visible_to(self, user: User) -> Self:
        if user.role in DESK_ROLES:
            return self.unrestricted()
        if user.role == Role.LANDLORD_MANAGER:
            return self.unrestricted().filter(landlord__in=Landlord.objects.visible_to(user))
        return self.filter(person=user.person_id)

    def unrestricted(self) -> Self:
        return unrestricted(self, "person")

    def current(self, *, on: date) -> Self:
        return self.filter(Q(until_on=None) | Q(until_on__gte=on), since_on__lte=on)

    def with_reference(self, text: str) -> Self:
        """Whose landlord's tenant reference begins so, whatever stands between its letters and digits."""
        return self.filter(reference_key__startswith=spaceless(asked(text))).order_by("reference_key", "pk")

    def with_exactly(self, reference: str) -> Self:
        """Whose reference is this one, whatever stands between its letters and digits."""
        return self.filter(reference_key=spaceless(asked(reference)))


class Tenancy(models.Model):
    """Who lives where, under which reference of the landlord's, since when and until when."""

    person = models.ForeignKey(Person, verbose_name="locataire", on_delete=models.CASCADE, related_name="tenancies")
    dwelling = models.ForeignKey(Dwelling, verbose_name="logement", on_delete=models.CASCADE, related_name="tenancies")
    landlord = models.ForeignKey(
        Landlord,
        verbose_name="bailleur",
        on_delete=models.PROTECT,
        related_name="tenancies",
        help_text="Celui du logement.",
    )
    reference = models.CharField("référence locataire", max_length=40)
    since_on = models.DateField("depuis le")
    until_on = models.DateField("jusqu’au", null=True, blank=True)
    reference_key = key_field(spaceless(SearchKey("reference")))

    objects = TenancyQuerySet.as_manager()

    class Meta:
        verbose_name = "location"
        constraints = [
            models.UniqueConstraint(fields=["landlord", "reference"], name="tenancy_reference_once_a_landlord"),
            models.CheckConstraint(
                condition=Q(until_on=None) | Q(until_on__gte=F("since_on")), name="tenancy_dates_in_order"
            ),
        ]
        indexes = [models.Index(fields=["reference_key"], name="tenancy_reference_key")]

    def __str__(self) -> str:
        return f"location {self.pk}"
