"""What the engine itself holds, and what Django holds for it."""

from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Q

from privacy.declarations import Category, Data, Dataset, Expiry, NotPersonal
from privacy.models import (
    AudienceFigure,
    ChoiceFigure,
    ConsentEvent,
    ConsentWording,
    CookieChoice,
    FileRemoval,
    HoldItem,
    JournalBlock,
    JournalEntry,
    LegalHold,
    OneTimeCode,
    OutgoingMessage,
    PolicyVersion,
    PurgeApproval,
    PurgeRun,
    PurgeTally,
    Receipt,
    Restriction,
    RightsRequest,
    Visit,
)
from privacy.registry import register

register(
    Dataset(
        JournalEntry,
        "Journal du personnel",
        data=(Data(Category.CONNECTION, "security", "at actor action model object_id details network"),),
        not_personal=("id",),
        expires=(Expiry("staff_journal", clock="at"),),
    ),
    Dataset(
        Restriction,
        "Limitations du traitement",
        data=(Data(Category.PROOF, "rights", "person reason started_at lifted_at"),),
        not_personal=("id", "started_by"),
        subjects={"personne": "person"},
        expires=(Expiry("rights_requests", clock="lifted_at", while_null="la limitation est en cours"),),
    ),
    Dataset(
        RightsRequest,
        "Demandes de droits",
        data=(Data(Category.PROOF, "rights", "person right received_on answered_at", provided=True),),
        not_personal=("id",),
        subjects={"personne": "person"},
        expires=(Expiry("rights_requests", clock="answered_at", while_null="la demande est en cours"),),
    ),
    Dataset(
        ConsentEvent,
        "Preuves de consentement",
        data=(
            Data(Category.PROOF, "rights", "person purpose answer channel wording at", provided=True),
            Data(Category.PROOF, "rights", "actor"),
            Data(Category.PROOF, "rights", "source_model source_id", technical=True),
        ),
        not_personal=("id",),
        subjects={"personne": "person"},
        expires=(
            # A withdrawal, or a refusal, ends its own proof and that of all that was agreed to before it.
            Expiry(
                "consent_proofs",
                clock="person__consent_events__at",
                where=Q(
                    ~Q(purpose="recording"),
                    person__consent_events__answer__in=["withdrawn", "refused"],
                    person__consent_events__purpose=F("purpose"),
                    person__consent_events__at__gte=F("at"),
                ),
                while_null="l’accord est toujours donné",
            ),
            # A recording is agreed to for one call, and that agreement ends with it.
            Expiry(
                "consent_proofs",
                clock="at",
                where=Q(purpose="recording"),
                key="consent_proofs:recording_answers",
            ),
        ),
    ),
    Dataset(
        OutgoingMessage,
        "Messages envoyés",
        data=(
            Data(Category.CONTACT, "appointments", "person channel language content"),
            Data(Category.HISTORY, "appointments", "kind queued_at sent_at given_up_at"),
            Data(Category.HISTORY, "appointments", "reference provider_reference attempts next_try_at", technical=True),
        ),
        not_personal=("id",),
        subjects={"destinataire": "person"},
        follows=("person",),
        expires=(Expiry("interventions", clock="queued_at"),),
    ),
    Dataset(
        OneTimeCode,
        "Codes à usage unique",
        data=(
            Data(Category.CONNECTION, "account", "person issued_at used_at"),
            Data(Category.CONNECTION, "account", "purpose code_hash tries", technical=True),
        ),
        not_personal=("id",),
        subjects={"titulaire": "person"},
        follows=("person",),
        expires=(Expiry("temporary", clock="issued_at"),),
    ),
    Dataset(
        CookieChoice,
        "Choix de cookies",
        data=(Data(Category.NAVIGATION, "cookies", "key first_deposit_at chosen_at audience wording", provided=True),),
        not_personal=("id",),
        expires=(Expiry("navigation", clock="first_deposit_at"),),
    ),
    Dataset(
        Visit,
        "Pages vues",
        data=(Data(Category.NAVIGATION, "cookies", "at page network first_deposit_at"),),
        not_personal=("id",),
        # Never later than the visit's own thirteen months: the database refuses a visit before its first deposit.
        expires=(Expiry("navigation", clock="first_deposit_at"),),
    ),
    Dataset(
        Session,
        "Sessions ouvertes",
        data=(Data(Category.CONNECTION, "account", "session_key session_data expire_date"),),
        not_personal=(),
        expires=(Expiry("temporary", clock="expire_date"),),
    ),
    Dataset(
        AdminLogEntry,
        "Actes dans le site d’administration",
        data=(Data(Category.CONNECTION, "security", "user action_time object_id object_repr change_message"),),
        not_personal=("id", "content_type", "action_flag"),
        expires=(Expiry("staff_journal", clock="action_time"),),
    ),
    NotPersonal(LegalHold, "un gel nomme des pièces par leur numéro"),
    NotPersonal(HoldItem, "des numéros de pièces"),
    NotPersonal(PolicyVersion, "le texte publié"),
    NotPersonal(ConsentWording, "un texte publié"),
    NotPersonal(AudienceFigure, "des nombres"),
    NotPersonal(ChoiceFigure, "des nombres"),
    NotPersonal(JournalBlock, "des empreintes et des nombres"),
    NotPersonal(PurgeRun, "des dates"),
    NotPersonal(PurgeTally, "des nombres"),
    NotPersonal(Receipt, "des nombres et des dates"),
    NotPersonal(PurgeApproval, "l’accord d’un membre du personnel pour une règle"),
    NotPersonal(FileRemoval, "un chemin tiré au sort, le temps de supprimer le fichier"),
    NotPersonal(ContentType, "la liste des modèles"),
    NotPersonal(Permission, "la liste des droits d’accès"),
    NotPersonal(Group, "des noms de groupes"),
    NotPersonal(Group.permissions.through, "des droits de groupes"),
)
