"""What the engine itself holds, and what Django holds for it."""

from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Q

from privacy.declarations import WHOLE_ROW, Category, Data, Dataset, Expiry, NotPersonal, Stays
from privacy.models import (
    AudienceFigure,
    ChoiceFigure,
    ConsentEvent,
    ConsentWording,
    CookieChoice,
    Disclosure,
    Erasure,
    ExportPackage,
    FileRemoval,
    HoldItem,
    JournalBlock,
    JournalEntry,
    LedgerMark,
    LegalHold,
    Letter,
    MatchedRecord,
    Objection,
    OneTimeCode,
    OutgoingMessage,
    PolicyVersion,
    PurgeApproval,
    PurgeRun,
    PurgeTally,
    Receipt,
    RecipientNotice,
    RequestCopy,
    RequestStep,
    Restriction,
    ReviewedText,
    RightsRequest,
    Suppression,
    ThirdPartyNotice,
    Visit,
)
from privacy.policy import EXTENDED_ANSWER_WITHIN, NEVER_CLOSED, SOLICITING
from privacy.registry import register
from privacy.rights.copies import clear_copy

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
        data=(Data(Category.PROOF, "rights", "person request reason started_at notice told_at lifted_at"),),
        not_personal=("id", "started_by"),
        subjects={"personne": "person"},
        detaches=("request", "notice"),
        expires=(Expiry("rights_requests", clock="lifted_at", while_null="la limitation est en cours"),),
    ),
    Dataset(
        Objection,
        "Oppositions",
        data=(
            Data(Category.PROOF, "rights", "person purpose made_at", provided=True),
            Data(Category.PROOF, "rights", "request state ground decided_at ended_at"),
        ),
        not_personal=("id",),
        subjects={"personne": "person"},
        follows=("person",),
        detaches=("request",),
        # One that stands is obeyed for as long as there is anything to obey it on.
        expires=(
            Expiry("rights_requests", clock="ended_at", while_null="l’opposition vaut toujours"),
            Expiry(
                "suppression_list",
                clock="made_at",
                where=Q(ended_at=None, purpose__in=SOLICITING),
                key="suppression_list:objections",
            ),
        ),
    ),
    Dataset(
        Suppression,
        "Liste d’opposition, en empreintes",
        data=(Data(Category.PROOF, "rights", "digest purpose at", technical=True),),
        not_personal=("id",),
        expires=(Expiry("suppression_list", clock="at"),),
    ),
    Dataset(
        Disclosure,
        "À qui vos données ont été transmises",
        data=(
            Data(
                Category.HISTORY,
                "providers",
                "person recipient_kind recipient_name country fields purpose at by ended_at deletion_attested_at",
            ),
            Data(Category.HISTORY, "providers", "recipient_model recipient_id source_model source_id", technical=True),
        ),
        not_personal=("id",),
        subjects={"personne": "person"},
        follows=("person",),
        expires=(Expiry("interventions", clock="ended_at", fallback="at", fallback_period=NEVER_CLOSED),),
    ),
    Dataset(
        RecipientNotice,
        "Destinataires à prévenir d’une rectification, d’un effacement ou d’une limitation",
        data=(
            Data(
                Category.PROOF,
                "rights",
                "request recipient_kind recipient_name made_at sent last_sent_at acknowledged_at impossible_at "
                "impossible_reason",
            ),
            Data(Category.PROOF, "rights", "recipient_model recipient_id pieces", technical=True),
        ),
        not_personal=("id", "acknowledged_by"),
        subjects={"personne": "request__person"},
        follows=("request",),
        free_text=("impossible_reason",),
        on_erasure=Stays(),  # it names numbers, and is how the recipients are told of the erasure
    ),
    Dataset(
        ThirdPartyNotice,
        "Information de qui une autre personne nous a parlé",
        data=(
            Data(
                Category.PROOF,
                "rights",
                "person learned_at due_on told_at told_how exempted_at exemption exemption_reason",
            ),
            Data(Category.PROOF, "rights", "source_model source_id", technical=True),
        ),
        not_personal=("id", "handled_by"),
        subjects={"personne": "person"},
        follows=("person",),
        free_text=("exemption_reason",),
        expires=(Expiry("interventions", clock="learned_at"),),
    ),
    Dataset(
        RightsRequest,
        "Demandes de droits",
        data=(
            Data(
                Category.PROOF,
                "rights",
                "person right received_on channel requester wish scope purpose restriction_reason",
                provided=True,
            ),
            Data(Category.IDENTITY, "rights", "requester_name", provided=True),
            Data(Category.CONTACT, "rights", "reply_to", provided=True),
            Data(
                Category.PROOF,
                "rights",
                "acknowledged_at identity identity_asked_on identity_reason identity_answered_on extended_on "
                "extension_reason outcome ground decided_at executed_at answered_at",
            ),
        ),
        not_personal=("id", "entered_by"),
        free_text=("identity_reason", "extension_reason"),
        subjects={"personne": "person"},
        expires=(Expiry("rights_requests", clock="answered_at", while_null="la demande est en cours"),),
        # The case stays, so that its handling can be proven, without anybody in it.
        on_erasure=Stays(
            emptied={
                "wish": "",
                "requester_name": "",
                "reply_to": "",
                "identity_reason": "(effacé)",
                "extension_reason": "(effacé)",
            }
        ),
    ),
    Dataset(
        RequestStep,
        "Étapes des demandes de droits",
        data=(Data(Category.PROOF, "rights", "request kind at details"),),
        not_personal=("id", "by"),
        subjects={"personne": "request__person"},
        follows=("request",),
        on_erasure=Stays(),
    ),
    Dataset(
        Letter,
        "Lettres au sujet des demandes de droits",
        data=(Data(Category.PROOF, "rights", "request kind text written_at sent_at"),),
        not_personal=("id", "written_by"),
        subjects={"personne": "request__person"},
        follows=("request",),
    ),
    Dataset(
        MatchedRecord,
        "Autres fiches reconnues comme les vôtres",
        data=(Data(Category.PROOF, "rights", "request person"),),
        not_personal=("id",),
        subjects={"personne": "request__person", "fiche reconnue": "person"},
        own={"personne": WHOLE_ROW, "fiche reconnue": WHOLE_ROW},
        follows=("request",),
    ),
    Dataset(
        ExportPackage,
        "Copies de vos données",
        data=(
            Data(Category.PROOF, "rights", "request started_at listed_at reviewed_at built_at released_at fetched_at"),
            Data(
                Category.PROOF,
                "rights",
                "file wrapped_key size files unreadable token_hash done total failure",
                technical=True,
            ),
        ),
        not_personal=("id", "reviewed_by"),
        words={"file": "la copie elle-même, chiffrée"},
        subjects={"personne": "request__person"},
        follows=("request",),
        files=("file",),
        expires=(
            # One that is never released goes when the longest time to answer is over.
            Expiry(
                "export_packages",
                clock="released_at",
                fallback="started_at",
                fallback_period=EXTENDED_ANSWER_WITHIN,
            ),
        ),
    ),
    Dataset(
        ReviewedText,
        "Textes relus avant la remise d’une copie",
        data=(
            Data(Category.PROOF, "rights", "package checked_at"),
            Data(Category.PROOF, "rights", "model object_id field text_hash shared whole masks", technical=True),
        ),
        not_personal=("id",),
        follows=("package",),
    ),
    Dataset(
        RequestCopy,
        "Fichiers copiés le temps de répondre à votre demande",
        data=(
            Data(Category.RECORDING, "recording", "file what of_at", provided=True),
            Data(Category.RECORDING, "rights", "request copied_at"),
            Data(
                Category.RECORDING,
                "rights",
                "source_model source_id purpose wrapped_key content_type size",
                technical=True,
            ),
        ),
        not_personal=("id",),
        subjects={"personne": "request__person"},
        follows=("request",),
        files=("file",),
        reads={"file": clear_copy},
        expires=(Expiry("export_packages", clock="request__answered_at", while_null="la demande est en cours"),),
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
    Dataset(
        Erasure,
        "Effacements",
        data=(Data(Category.PROOF, "rights", "request subjects texts counts begun_at erased_at", technical=True),),
        not_personal=("id", "begun_by"),
        subjects={"personne": "request__person"},
        follows=("request",),
        expires=(Expiry("rights_requests", clock="erased_at", while_null="l’effacement est en cours"),),
        on_erasure=Stays(),
    ),
    NotPersonal(LedgerMark, "un numéro et une empreinte"),
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
