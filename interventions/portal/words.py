"""What tenants call the datasets that the declarations name for us, and reasons to keep them, to be translated."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from privacy.declarations import Dataset

DATASETS: dict[str, Promise] = {
    "accounts.person": _("Qui vous êtes"),
    "accounts.phone": _("Vos téléphones"),
    "accounts.personmerge": _("Fiches en double, le temps de vérifier"),
    "accounts.user": _("Votre compte"),
    "accounts.recoverycode": _("Vos codes de secours"),
    "account.emailaddress": _("Votre adresse de connexion"),
    "account.emailconfirmation": _("Confirmations de votre adresse"),
    "mfa.authenticator": _("Votre second facteur et vos clés"),
    "usersessions.usersession": _("Vos appareils connectés"),
    "callcenter.call": _("Vos appels"),
    "callcenter.callback": _("Les rappels que nous vous devons"),
    "callcenter.logentry": _("Ce que nos agents ont noté"),
    "callcenter.nightreportline": _("Ce que votre bailleur a lu le matin"),
    "callcenter.recording": _("Vos appels enregistrés"),
    "callcenter.recordingkey": _("Les clés de ces enregistrements"),
    "interventions.tenancy": _("Votre logement"),
    "interventions.intervention": _("Vos demandes"),
    "interventions.transition": _("Les étapes de vos demandes"),
    "interventions.appointment": _("Vos rendez-vous"),
    "interventions.escalation": _("Nos alertes quand vous attendez trop"),
    "interventions.tenantmessage": _("Nos messages"),
    "interventions.surveyanswer": _("Vos avis"),
    "interventions.personallink": _("Vos liens personnels"),
    "interventions.reportdraft": _("Vos signalements commencés"),
    "interventions.photo": _("Vos photos"),
    "interventions.providerlink": _("Ce que le prestataire a pu voir"),
    "interventions.signature": _("Qui a signé la fin des travaux"),
    "interventions.spendingapproval": _("Les dépenses soumises à votre bailleur"),
    "interventions.dutydecision": _("Ce que votre bailleur a décidé la nuit"),
    "interventions.dutycall": _("Les appels à votre bailleur pour décider"),
    "interventions.webhookdelivery": _("Ce que le logiciel de votre bailleur a reçu"),
    "interventions.deletionattestation": _("Ce que les prestataires ont attesté avoir effacé"),
    "interventions.emergencyalert": _("Quand nous avons appelé les secours"),
    "interventions.relocation": _("Vos nuits à l’hôtel"),
    "interventions.complaint": _("Vos réclamations"),
    "interventions.complaintmessage": _("Les échanges de vos réclamations"),
    "interventions.invoice": _("Vos factures"),
    "interventions.subscription": _("Votre abonnement"),
    "interventions.identitydocument": _("Votre pièce d’identité"),
    "interventions.safetyalert": _("Consignes de sécurité pour qui vient chez vous"),
    "privacy.restriction": _("Vos données mises de côté"),
    "privacy.rightsrequest": _("Vos demandes sur vos données"),
    "privacy.requeststep": _("Les étapes de ces demandes"),
    "privacy.suggestionreview": _("Ce qu’une personne a revu à votre demande"),
    "privacy.rectificationitem": _("Ce que vous avez demandé de corriger"),
    "privacy.letter": _("Nos lettres au sujet de ces demandes"),
    "privacy.requesterdocument": _("Vos pièces d’identité envoyées pour ces demandes"),
    "privacy.matchedrecord": _("Les autres fiches reconnues comme les vôtres"),
    "privacy.exportpackage": _("Les copies de vos données"),
    "privacy.requestcopy": _("Les fichiers copiés pour vous répondre"),
    "privacy.erasure": _("L’effacement de vos données"),
    "privacy.objection": _("Vos oppositions"),
    "privacy.postmortemdirective": _("Ce que vos données deviendront après vous"),
    "privacy.death": _("La mention d’un décès"),
    "privacy.disclosure": _("À qui vos données ont été transmises"),
    "privacy.recipientnotice": _("Qui nous prévenons de ce qui a changé"),
    "privacy.thirdpartynotice": _("Quand une autre personne nous a parlé de vous"),
    "privacy.consentevent": _("Vos accords et vos refus"),
    "privacy.outgoingmessage": _("Les messages que nous vous avons envoyés"),
    "privacy.onetimecode": _("Les codes que nous vous avons envoyés"),
}

# As `privacy.subjects.without_day_while` puts them together from the declarations.
WITHOUT_DAY = (
    gettext_noop("tant que la location est en cours"),
    gettext_noop("tant que l’abonnement est en cours"),
    gettext_noop("tant que l’accord est toujours donné"),
    gettext_noop("tant que le compte sert"),
    gettext_noop("tant que la limitation est en cours"),
    gettext_noop("tant que la demande est en cours"),
    gettext_noop("tant que l’effacement est en cours"),
    gettext_noop("tant que l’opposition vaut toujours"),
    gettext_noop("tant que la directive vaut toujours"),
    gettext_noop("tant que l’intervention n’a jamais été close"),
    gettext_noop("tant qu’il reste autre chose de vous"),
)


def label_of(dataset: Dataset) -> Promise | str:
    return DATASETS.get(dataset.model._meta.label_lower, dataset.label)
