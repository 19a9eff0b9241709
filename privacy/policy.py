"""
The published privacy policy of 2 January 2025, as data. What is written here is what runs.

Periods are calendar months and years, counted on civil dates in Paris and clamped to the end of the month. They are
written here once: a check refuses one anywhere else.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_noop as _

VERSION = "2025-01-02"
PUBLISHED_ON = date(2025, 1, 2)

CONTRACT, CONSENT, LEGITIMATE_INTEREST, LEGAL_OBLIGATION, VITAL_INTEREST = (
    _("contrat"),
    _("consentement"),
    _("intérêt légitime"),
    _("obligation légale"),
    _("intérêts vitaux"),
)


@dataclass(frozen=True)
class Purpose:
    """What data are for, on which legal basis, as section 4 of the policy lists them."""

    key: str
    label: str
    basis: str


PURPOSES: dict[str, Purpose] = {
    purpose.key: purpose
    for purpose in (
        Purpose("account", _("Gérer votre compte"), CONTRACT),
        Purpose("complaints", _("Traiter les réclamations et le service après-vente"), CONTRACT),
        Purpose("interventions", _("Organiser et suivre les interventions"), CONTRACT),
        Purpose("appointments", _("Confirmer, planifier et suivre avec le locataire"), CONTRACT),
        Purpose("providers", _("Donner au prestataire ce qu’il lui faut pour intervenir"), CONTRACT),
        Purpose("client_figures", _("Compter les demandes et les interventions pour les bailleurs"), CONTRACT),
        Purpose("marketing", _("Prospecter"), CONSENT),
        Purpose("handing_identity", _("Transmettre vos données à nos clients"), CONSENT),
        Purpose("cookies", _("Déposer les cookies qui demandent un accord"), CONSENT),
        Purpose("recording", _("Enregistrer les appels, pour la qualité, les enquêtes ou un litige"), CONSENT),
        Purpose("surveys", _("Demander votre avis"), CONSENT),
        Purpose("improvement", _("Améliorer nos services par des statistiques"), LEGITIMATE_INTEREST),
        Purpose("polls", _("Mener des enquêtes et des sondages"), LEGITIMATE_INTEREST),
        Purpose("litigation", _("Se défendre avant et pendant un litige"), LEGITIMATE_INTEREST),
        Purpose(
            "history",
            _("Garder l’historique des appels et des interventions, contre les erreurs et les doublons"),
            LEGITIMATE_INTEREST,
        ),
        Purpose("quality", _("Analyser le résultat des interventions"), LEGITIMATE_INTEREST),
        Purpose("emergency", _("Prévenir les secours en cas d’incident grave"), LEGITIMATE_INTEREST),
        Purpose("accounting", _("Tenir la comptabilité et répondre au fisc"), LEGAL_OBLIGATION),
        Purpose("security", _("Protéger le site et prouver qui a fait quoi"), LEGITIMATE_INTEREST),
        Purpose("rights", _("Répondre à vos droits et pouvoir le prouver"), LEGAL_OBLIGATION),
    )
}

# What comes uninvited: who objects is left alone at once, at that address, whatever becomes of their record.
SOLICITING = ("marketing", "surveys", "polls")


@dataclass(frozen=True)
class Period:
    """So many months or years after the clock; or, with `until`, no longer than that event, in words."""

    months: int = 0
    years: int = 0
    days: int = 0
    until: str = ""

    @property
    def length(self) -> relativedelta:
        return relativedelta(months=self.months, years=self.years, days=self.days)

    def as_json(self) -> dict[str, int | str]:
        if self.until:
            return {"until": self.until}
        said = {"months": self.months, "years": self.years, "days": self.days}
        return {unit: value for unit, value in said.items() if value}

    def __str__(self) -> str:
        if self.until:
            return self.until
        if self.years:
            return f"{self.years}\N{NO-BREAK SPACE}an{'s' if self.years > 1 else ''}"
        if self.months:
            return f"{self.months}\N{NO-BREAK SPACE}mois"
        return f"{self.days}\N{NO-BREAK SPACE}jour{'s' if self.days > 1 else ''}"


@dataclass(frozen=True)
class Row:
    """A row of section 7, or a proposal where the policy says nothing."""

    key: str
    label: str
    period: Period
    clock: str  # from when, in words
    at_the_end: str
    exceptions: str = ""
    at_most: bool = False  # "n months at most": gone by the anniversary


ROWS: tuple[Row, ...] = (
    Row(
        "interventions",
        "Interventions techniques et main courante",
        Period(months=14),
        "la fin de l’intervention\N{NO-BREAK SPACE}; sans intervention, la fin de l’appel ou la date de la ligne",
        "Les lignes et les fichiers sont supprimés, ainsi que les contacts dont il ne reste rien.",
        "Un litige, une limitation ou une demande en cours peut les retenir. Une facture a sa propre durée.",
    ),
    Row(
        "recordings",
        "Enregistrements d’appels",
        Period(months=3),
        "la fin de l’appel",
        "La clé est détruite, le fichier et la ligne sont supprimés.",
        "Sans accord, aucun enregistrement n’est fait\N{NO-BREAK SPACE}; un retrait ou une opposition efface aussitôt.",
        at_most=True,
    ),
    Row(
        "statistics",
        "Statistiques pour les bailleurs",
        Period(months=14),
        "la fin de l’intervention",
        "Les faits ligne à ligne partent avec l’intervention\N{NO-BREAK SPACE}; seuls des nombres anonymes restent.",
        "L’année est figée au 28 février de la suivante. Une opposition retire des chiffres à venir.",
    ),
    Row(
        "accounting",
        "Factures et pièces comptables",
        Period(years=10),
        "la clôture de l’exercice",
        "Suppression. Avant cela, une archive que seule la comptabilité ouvre.",
        "L’effacement est refusé pour la facture seulement.",
    ),
    Row(
        "complaints",
        "Réclamations et litiges",
        Period(months=14),
        "la réponse définitive",
        "Suppression.",
        "Un vrai litige est un gel, sur des pièces précises.",
    ),
    Row(
        "navigation",
        "Cookies et navigation",
        Period(months=13),
        "le premier dépôt, ou la visite",
        "Suppression\N{NO-BREAK SPACE}; seuls des totaux restent.",
        "Une visite ne prolonge jamais rien.",
        at_most=True,
    ),
    Row(
        "providers",
        "Transmission aux prestataires",
        Period(until="la durée de l’intervention"),
        "la fin, l’annulation ou la réattribution du travail",
        "Le lien est mort aussitôt.",
        "Qui a reçu quels champs (jamais leurs valeurs) reste avec l’intervention.",
        at_most=True,
    ),
)

# What the accounting archive holds: nobody opens it without a reason, though it is not due yet.
ARCHIVED_AFTER = Period(years=1)

# Where the policy is silent the software needs a period all the same. Proposals, shown to the DPO as such.
PROPOSALS: tuple[Row, ...] = (
    Row(
        "accounts",
        "Compte sans activité",
        Period(months=24),
        "la dernière activité",
        "Compte fermé, après deux avertissements.",
    ),
    Row("tenancies", "Location et abonnement", Period(months=14), "la fin du contrat", "Suppression."),
    Row(
        "identity_documents",
        "Pièce d’identité",
        Period(days=30),
        "la réception",
        "Détruite dès la vérification, 30 jours au plus.",
        at_most=True,
    ),
    Row("rights_requests", "Dossier de demande de droits", Period(years=5), "la réponse", "Suppression."),
    Row(
        "export_packages",
        "Copie remise au titre du droit d’accès",
        Period(days=30),
        "la mise à disposition",
        "Suppression.",
        at_most=True,
    ),
    Row("consent_proofs", "Preuve de consentement", Period(years=5), "le retrait", "Suppression."),
    Row("suppression_list", "Liste d’opposition", Period(years=3), "l’opposition", "Suppression de l’empreinte."),
    Row("staff_journal", "Journal du personnel", Period(months=12), "l’acte", "Suppression."),
    Row(
        "directives",
        "Directives pour après la mort, remplacées ou révoquées",
        Period(years=5),
        "ce qui les a remplacées",
        "Suppression.",
        "Celles qui valent restent avec la fiche de la personne, et partent avec elle.",
    ),
    Row("breaches", "Registre des violations", Period(years=5), "la clôture", "Suppression."),
    Row(
        "erasure_journal",
        "Journal des effacements",
        Period(years=6),
        "l’effacement",
        "Suppression. Il ne contient rien de personnel.",
    ),
    Row("backups", "Sauvegardes", Period(days=30), "la sauvegarde", "Suppression.", at_most=True),
    Row(
        "temporary", "Fichiers et formulaires temporaires", Period(days=1), "la création", "Suppression.", at_most=True
    ),
    Row(
        "safety_alerts",
        "Alertes de sécurité",
        Period(until="leur date de fin"),
        "leur date de fin",
        "Suppression.",
        at_most=True,
    ),
    Row(
        "contacts",
        "Contacts dont il ne reste rien",
        Period(days=1, until="leur dernière pièce"),
        "la suppression de leur dernière pièce",
        "Suppression.",
        at_most=True,
    ),
)


@dataclass(frozen=True)
class Collected:
    """A category of data of section 3, and through which door it comes in."""

    door: str
    label: str
    what: str


ON_THE_SITE, ON_THE_TELEPHONE = "Sur le site", "Au téléphone"

COLLECTED: tuple[Collected, ...] = (
    Collected(
        ON_THE_SITE,
        "Identification",
        "Nom, prénom, téléphone, adresse e-mail et adresse postale (pour une facture). Une pièce d’identité peut être "
        "demandée pour un abonnement.",
    ),
    Collected(
        ON_THE_SITE,
        "Connexion",
        "Ce qu’il faut pour ouvrir votre compte, dont un mot de passe, et votre adresse IP pour l’entretien du site et "
        "ses statistiques.",
    ),
    Collected(ON_THE_SITE, "Navigation", "Les pages que vous consultez."),
    Collected(
        ON_THE_TELEPHONE,
        "Identification",
        "Nom, prénom et téléphone de qui appelle, et l’adresse postale quand le suivi la demande.",
    ),
    Collected(
        ON_THE_TELEPHONE,
        "Intervention",
        "La panne signalée, l’adresse concernée, et au besoin les lieux ou l’équipement en cause.",
    ),
    Collected(ON_THE_TELEPHONE, "Historique", "Un compte rendu écrit des interventions et des échanges passés."),
    Collected(
        ON_THE_TELEPHONE,
        "Enregistrement",
        "La voix, seulement si vous êtes d’accord, pour nos clients ou pour la qualité de nos réponses.",
    ),
    Collected(
        ON_THE_TELEPHONE,
        "Données d’un tiers",
        "Si vous appelez pour un proche ou un locataire absent, ce que vous nous dites de cette personne.",
    ),
)


# The roles that people have in rows, as categories of people for the register (GDPR article 30(1)(c)).
PEOPLE = {
    "abonné": "abonnés",
    "appelant": "appelants",
    "auteur": "locataires et occupants",
    "client": "clients facturés",
    "contact d’un bailleur": "contacts des bailleurs",
    "destinataire": "destinataires de nos messages",
    "locataire": "locataires et occupants",
    "occupant": "locataires et occupants",
    "personne concernée": "personnes pour qui quelqu’un appelle",
    "personne qui s’est opposée": "personnes qui se sont opposées",
    "signalant": "personnes qui signalent une panne",
    "titulaire": "titulaires d’un compte ou d’un lien",
    "visiteur du site": "visiteurs du site",
    "fiche absorbée": "personnes connues du service",
    "fiche gardée": "personnes connues du service",
    "fiche reconnue": "personnes connues du service",
    "personne": "personnes connues du service",
}

# What a recipient may be given, piece by piece: the names that the register of disclosures and `Recipient.fields` use.
FIELDS: dict[str, str] = {
    "reference": _("référence"),
    "address": _("adresse"),
    "place": _("logement"),
    "access_codes": _("codes d’accès"),
    "problem": _("problème"),
    "danger": _("danger"),
    "due": _("heure promise"),
    "callback": _("numéro à rappeler"),
    "status": _("avancement"),
    "times": _("heures des étapes"),
    "name": _("nom"),
    "phones": _("téléphones"),
    "complaint": _("réclamation"),
    "guests": _("nombre de personnes"),
    "nights": _("nuits"),
    "needs": _("besoins"),
}


@dataclass(frozen=True)
class Recipient:
    """
    Who may be given data (section 5), and what for: in words, and as keys of PURPOSES. `fields`, keys of FIELDS, is
    the most that anyone of this kind is ever given; nothing else can be (see `privacy.disclosure`).
    """

    key: str
    label: str
    why: str
    purposes: tuple[str, ...]
    fields: tuple[str, ...] = ()
    country: str = "FR"
    guarantee: str = ""  # one of TRANSFER_GUARANTEES, outside the European Economic Area

    @property
    def at_most(self) -> list[str]:
        return [FIELDS[name] for name in self.fields]


ON_THE_JOB = ("interventions", "appointments", "providers")
ON_SITE = ("reference", "address", "place", "access_codes", "problem", "due", "callback")

RECIPIENTS: tuple[Recipient, ...] = (
    Recipient("staff", _("Notre personnel habilité"), "Chacun dans la limite de son travail.", tuple(PURPOSES)),
    Recipient(
        "group",
        _("Les sociétés du groupe SOFRATEL"),
        "Quand l’une d’elles fait une tâche à notre place.",
        ON_THE_JOB,
        ON_SITE,
    ),
    Recipient(
        "trades",
        _("Les prestataires qui se déplacent"),
        "Ce qu’il faut à un plombier, un électricien, un chauffagiste ou une société de maintenance pour intervenir.",
        ON_THE_JOB,
        ON_SITE,
    ),
    Recipient(
        "maintenance",
        _("Les entreprises chargées d’une réparation ou d’un entretien"),
        "Ce qu’il faut pour cette mission.",
        ON_THE_JOB,
        ON_SITE,
    ),
    Recipient(
        "landlords",
        _("Les bailleurs sociaux et les gestionnaires d’immeubles"),
        "Pour suivre les interventions et gérer leurs locataires.",
        ("interventions", "client_figures", "handing_identity", "complaints"),
        ("reference", "address", "place", "problem", "due", "status", "times", "name", "phones", "complaint"),
    ),
    Recipient(
        "emergency",
        _("Les secours"),
        "Pompiers, police et SAMU, dans les situations graves.",
        ("interventions", "emergency"),
        ("address", "place", "access_codes", "danger", "callback"),
    ),
    Recipient(
        "hotels",
        _("Les hôtels"),
        "Exceptionnellement, quand un locataire doit être relogé.",
        ("interventions",),
        ("reference", "name", "guests", "nights", "needs", "callback"),
    ),
)


@dataclass(frozen=True)
class Right:
    """One of the ten rights of section 9. The key is that of `RightsRequest.Right`."""

    key: str
    label: str
    law: str
    meaning: str


RIGHTS: tuple[Right, ...] = (
    Right(
        "information",
        _("Être informé"),
        "RGPD, articles 12 à 14",
        _("Savoir clairement ce que nous faisons de vos données."),
    ),
    Right(
        "access",
        _("Accéder à vos données"),
        "RGPD, article 15",
        _("Recevoir une copie de ce que nous gardons de vous."),
    ),
    Right(
        "rectification",
        _("Faire corriger"),
        "RGPD, article 16",
        _("Faire rectifier ce qui est faux ou dépassé, et compléter ce qui manque."),
    ),
    Right("erasure", _("Faire effacer"), "RGPD, article 17", _("Sous conditions, faire supprimer vos données.")),
    Right(
        "objection",
        _("Vous opposer"),
        "RGPD, article 21",
        _("Sous conditions, refuser un usage de vos données pour une raison qui tient à votre situation."),
    ),
    Right(
        "withdrawal",
        _("Retirer votre accord"),
        "RGPD, article 7",
        _("À tout moment, revenir sur un accord que vous avez donné."),
    ),
    Right(
        "restriction",
        _("Faire suspendre"),
        "RGPD, article 18",
        _("Sous conditions, faire mettre vos données de côté pendant un temps."),
    ),
    Right(
        "portability",
        _("Emporter vos données"),
        "RGPD, article 20",
        _("Les recevoir dans un format qu’un autre service peut relire."),
    ),
    Right(
        "automated_decision",
        _("Ne pas être jugé par une machine"),
        "RGPD, article 22",
        _("Refuser qu’une décision soit prise sans personne, ou demander qu’une personne la revoie."),
    ),
    Right(
        "post_mortem",
        _("Décider de leur sort après vous"),
        "Loi Informatique et Libertés, article 85",
        _("Dire ce que vos données deviendront après votre mort."),
    ),
)


@dataclass(frozen=True)
class Supplier:
    """Who works for us on data, on our instructions (GDPR article 28). `country` as ISO 3166 has it."""

    key: str
    label: str
    why: str
    purposes: tuple[str, ...]
    country: str = "FR"
    guarantee: str = ""  # one of TRANSFER_GUARANTEES, outside the European Economic Area


SUPPLIERS: tuple[Supplier, ...] = (
    Supplier("sms", "OVHcloud", "Envoie nos SMS.", ("account", "appointments", "rights", "accounting")),
    Supplier(
        "online_payment",
        "Stripe",
        "Encaisse les factures payées en ligne, quand ce paiement est ouvert\N{NO-BREAK SPACE}: il reçoit leur "
        "numéro et leur montant, rien d’autre de nous.",
        ("accounting",),
        "IE",
    ),
)

# Where no guarantee is needed: the Union, Iceland, Liechtenstein and Norway.
EUROPEAN_ECONOMIC_AREA = {
    "AT": "Autriche",
    "BE": "Belgique",
    "BG": "Bulgarie",
    "CY": "Chypre",
    "CZ": "Tchéquie",
    "DE": "Allemagne",
    "DK": "Danemark",
    "EE": "Estonie",
    "ES": "Espagne",
    "FI": "Finlande",
    "FR": "France",
    "GR": "Grèce",
    "HR": "Croatie",
    "HU": "Hongrie",
    "IE": "Irlande",
    "IS": "Islande",
    "IT": "Italie",
    "LI": "Liechtenstein",
    "LT": "Lituanie",
    "LU": "Luxembourg",
    "LV": "Lettonie",
    "MT": "Malte",
    "NL": "Pays-Bas",
    "NO": "Norvège",
    "PL": "Pologne",
    "PT": "Portugal",
    "RO": "Roumanie",
    "SE": "Suède",
    "SI": "Slovénie",
    "SK": "Slovaquie",
}

# Data stay in France, or in the European Economic Area. When a supplier is elsewhere, under one of these guarantees.
TRANSFER_GUARANTEES: tuple[str, ...] = (
    "le pays protège les données aussi bien que l’Europe le demande",
    "le contrat reprend les clauses types européennes",
    "le groupe du prestataire a des règles internes d’entreprise",
)


@dataclass(frozen=True)
class Measure:
    """How data are protected (GDPR article 32), for the register of article 30."""

    label: str
    what: str


SECURITY: tuple[Measure, ...] = (
    Measure("Accès", "Chacun ne voit que ce que son travail demande. Ce qui n’est pas ouvert à un rôle lui est fermé."),
    Measure(
        "Connexion",
        "Second facteur pour tout le personnel, mots de passe de douze caractères au moins sous Argon2id, essais "
        "comptés, séance close après trente minutes sans rien faire.",
    ),
    Measure(
        "Chiffrement",
        "Enregistrements, pièces d’identité et copies remises\N{NO-BREAK SPACE}: une clé par fichier, elle-même "
        "chiffrée. Codes d’accès des immeubles chiffrés. Le site ne se lit qu’en HTTPS.",
    ),
    Measure(
        "Journal du personnel",
        "Qui a lu, créé, changé ou supprimé quoi, par numéros seulement, en blocs enchaînés que rien ne réécrit.",
    ),
    Measure(
        "Suppression",
        "Chaque heure, d’elle-même, avec un reçu. Après une restauration, les effacements sont refaits avant que le "
        "site ne serve.",
    ),
    Measure("Messages", "Un e-mail ou un SMS ne porte qu’un lien ou un code, jamais une donnée."),
    Measure("Fichiers reçus", "Passés à l’antivirus, et les photos réécrites sans leurs données cachées."),
)


@dataclass(frozen=True)
class Controller:
    """Who answers for the data (section 2)."""

    name: str
    form: str
    registry: str
    address: str


CONTROLLER = Controller(
    name="SOFRATEL CAT",
    form="SAS au capital de 100\N{NO-BREAK SPACE}000\N{NO-BREAK SPACE}€",
    registry="registre du commerce et des sociétés de Douai, B 450 607 429 00021",
    address="215 rue du Comte d’Artois, 59400 Cambrai",
)
DPO_EMAIL = "dpo@cat.sofratel.fr"
CNIL_ADDRESS = "CNIL, 3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07"


@dataclass(frozen=True)
class Contradiction:
    """Two things the policy says that do not go together, and what the software does meanwhile."""

    subject: str
    said: str
    applied: str


CONTRADICTIONS: tuple[Contradiction, ...] = (
    Contradiction(
        "Enquêtes de satisfaction",
        "La section 4 les fonde à la fois sur l’accord et sur l’intérêt légitime.",
        "La base la plus stricte\N{NO-BREAK SPACE}: l’accord.",
    ),
    Contradiction(
        "Données remises aux clients",
        "La section 4 demande un accord, alors que la section 5 compte les bailleurs parmi les destinataires.",
        "Les nombres sans nom librement. L’identité avec un accord, ou pour suivre l’intervention de ce locataire.",
    ),
    Contradiction(
        "Enregistrement des appels",
        "Avec l’accord de la personne (sections 3 et 4), ou sauf opposition (section 7).",
        "Rien n’est enregistré sans accord.",
    ),
    Contradiction(
        "Refus d’effacer",
        "La section 9 permet de garder pour un simple intérêt légitime, plus que l’article 17(3) du RGPD.",
        "Seuls les motifs de l’article 17(3) sont proposés.",
    ),
    Contradiction(
        "Forme de la société",
        "La section 2 l’appelle à la fois société à responsabilité limitée et SAS.",
        "La page dit SAS.",
    ),
)

ROWS_BY_KEY = {row.key: row for row in (*ROWS, *PROPOSALS)}

# An intervention that never ends ends all the same, so that no clock can be put off for ever.
NEVER_CLOSED = Period(months=26)
# What bears the moment of its own end goes then, to the minute.
AT_ITS_END = Period(until="sa propre fin")
# A cookie choice is asked again.
CHOICE_ASKED_AGAIN = Period(months=6)
# A tenant's account that sleeps is warned twice, so long before it is closed.
ACCOUNT_FIRST_WARNING, ACCOUNT_LAST_WARNING = Period(days=60), Period(days=15)
# A closed account is only a number, for as long as the journal names it.
ACCOUNT_CLOSED = Period(until="la fermeture du compte")
# No session is longer: what the list of sessions tells of one is over with it.
LONGEST_SESSION = Period(days=14)
# A hold is looked at again.
HOLD_REVIEWED_WITHIN = Period(months=6)
# A request is answered within a month, or three of them when that is told in time (GDPR article 12(3)).
ANSWER_WITHIN = Period(months=1)
EXTENDED_ANSWER_WITHIN = Period(months=3)
# Who was named by somebody else is told so within a month (GDPR article 14(3)).
THIRD_PARTY_TOLD_WITHIN = Period(months=1)
# The CNIL is told of a breach within so long of its being known (GDPR article 33(1)), straight on.
BREACH_NOTIFIED_WITHIN = timedelta(hours=72)
