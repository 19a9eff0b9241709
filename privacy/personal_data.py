"""What the engine itself holds, and what Django holds for it."""

from django.contrib.admin.models import LogEntry as AdminLogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db.models import F, Q

from privacy.declarations import WHOLE_ROW, Category, Data, Dataset, Expiry, NotPersonal, Stays
from privacy.models import (
    AudienceFigure,
    Breach,
    BreachEvent,
    ChoiceFigure,
    ConsentEvent,
    ConsentWording,
    CookieChoice,
    Death,
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
    PostMortemDirective,
    PurgeApproval,
    PurgeRun,
    PurgeTally,
    Receipt,
    RecipientNotice,
    RectificationItem,
    RequestCopy,
    RequesterDocument,
    RequestStep,
    Restriction,
    ReviewedText,
    RightsRequest,
    SuggestionReview,
    Suppression,
    ThirdPartyNotice,
    Visit,
)
from privacy.policy import EXTENDED_ANSWER_WITHIN, NEVER_CLOSED, SOLICITING
from privacy.registry import register
from privacy.rights.copies import clear_copy
from privacy.rights.identity import clear_document

register(
    Dataset(
        JournalEntry,
        "Journal du personnel",
        data=(Data(Category.CONNECTION, "security", "at actor action model object_id details network"),),
        people="personnel",
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
        people="personne qui s’est opposée",
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
        PostMortemDirective,
        "Directives pour après la mort",
        data=(
            Data(Category.PROOF, "rights", "person wish datasets written_at", provided=True),
            Data(Category.CONTACT, "rights", "executor_name executor_contact", provided=True),
        ),
        not_personal=("id", "written_by"),
        subjects={"personne": "person"},
        follows=("person",),
        expires=(
            Expiry(
                "directives",
                clock="person__directives__written_at",
                where=Q(person__directives__pk__gt=F("pk")),
                while_null="la directive vaut toujours",
            ),
        ),
    ),
    Dataset(
        Death,
        "Décès",
        data=(
            Data(Category.PROOF, "rights", "person request document document_dated_on died_on seen_at"),
            Data(Category.IDENTITY, "rights", "reported_by"),
        ),
        not_personal=("id", "seen_by"),
        subjects={"personne": "person"},
        follows=("person",),
        detaches=("request",),
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
        # It names numbers, and is how the recipients are told of the erasure.
        on_erasure=Stays(emptied={"impossible_reason": "(effacé)"}),
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
                "person right received_on channel requester wish scope purpose restriction_reason after_death",
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
        RectificationItem,
        "Rectifications demandées",
        data=(
            Data(Category.PROOF, "rights", "request field proposed proposed_at statement", provided=True),
            Data(Category.PROOF, "rights", "answer ground answered_at executed_at"),
            Data(Category.PROOF, "rights", "model object_id before_hash", technical=True),
        ),
        not_personal=("id", "answered_by"),
        subjects={"personne": "request__person"},
        follows=("request",),
        on_erasure=Stays(emptied={"proposed": "", "statement": "", "before_hash": ""}),
    ),
    Dataset(
        SuggestionReview,
        "Suggestions revues par une personne",
        data=(
            Data(Category.PROOF, "rights", "request asked_at done_at changed told reason"),
            Data(Category.PROOF, "rights", "suggestion object_id", technical=True),
        ),
        not_personal=("id", "done_by"),
        subjects={"personne": "request__person"},
        follows=("request",),
        free_text=("reason",),
    ),
    Dataset(
        Letter,
        "Lettres au sujet des demandes de droits",
        data=(
            Data(Category.PROOF, "rights", "request kind text reason written_at sent_at way"),
            Data(Category.CONTACT, "rights", "sent_to"),
            Data(Category.PROOF, "rights", "token_hash", technical=True),
        ),
        not_personal=("id", "written_by"),
        free_text=("reason",),
        subjects={"personne": "request__person"},
        follows=("request",),
    ),
    Dataset(
        RequesterDocument,
        "Pièces d’identité envoyées pour une demande de droits",
        data=(
            Data(Category.IDENTITY, "rights", "kind file", provided=True),
            Data(Category.PROOF, "rights", "request received_at verified_at"),
            Data(Category.PROOF, "rights", "wrapped_key content_type size", technical=True),
        ),
        not_personal=("id", "verified_by"),
        subjects={"personne": "request__person"},
        follows=("request",),
        files=("file",),
        reads={"file": clear_document},
        expires=(Expiry("identity_documents", clock="received_at", where=Q(verified_at=None)),),
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
        people="visiteur du site",
        not_personal=("id",),
        expires=(Expiry("navigation", clock="first_deposit_at"),),
    ),
    Dataset(
        Visit,
        "Pages vues",
        data=(Data(Category.NAVIGATION, "cookies", "at page network first_deposit_at"),),
        people="visiteur du site",
        not_personal=("id",),
        # Never later than the visit's own thirteen months: the database refuses a visit before its first deposit.
        expires=(Expiry("navigation", clock="first_deposit_at"),),
    ),
    Dataset(
        Session,
        "Sessions ouvertes",
        data=(Data(Category.CONNECTION, "account", "session_key session_data expire_date"),),
        people="visiteur du site",
        not_personal=(),
        expires=(Expiry("temporary", clock="expire_date"),),
    ),
    Dataset(
        AdminLogEntry,
        "Actes dans le site d’administration",
        data=(Data(Category.CONNECTION, "security", "user action_time object_id object_repr change_message"),),
        people="personnel",
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
    Dataset(
        Breach,
        "Violations de données",
        data=(
            Data(
                Category.PROOF,
                "security",
                "aware_at what happened_from happened_until nature people_categories people_number data_categories "
                "records_number consequences measures_taken measures_planned risk notified_at cnil_reference "
                "late_reason dismissed_at dismissed_reason people_told_at people_told_how people_not_told "
                "people_not_told_reason reported_by closed_at",
            ),
        ),
        not_personal=("id",),
        people="personnel",
        expires=(Expiry("breaches", clock="closed_at", while_null="la violation n’est pas close"),),
    ),
    Dataset(
        BreachEvent,
        "Étapes des violations de données",
        data=(Data(Category.PROOF, "security", "breach kind at by note content"),),
        not_personal=("id",),
        follows=("breach",),
        people="personnel",
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
