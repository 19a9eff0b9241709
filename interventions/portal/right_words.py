"""What tenants read of a request about their data: its steps, its letters and its outcome, to be translated."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from privacy.models import Letter, RequestStep, RightsRequest

Right, Kind, Outcome = RightsRequest.Right, RequestStep.Kind, RightsRequest.Outcome

ICONS: dict[str, str] = {
    Right.INFORMATION: "info-circle",
    Right.ACCESS: "eye",
    Right.RECTIFICATION: "pencil",
    Right.ERASURE: "trash",
    Right.OBJECTION: "ban",
    Right.WITHDRAWAL: "arrow-counterclockwise",
    Right.RESTRICTION: "lock",
    Right.PORTABILITY: "download",
    Right.AUTOMATED_DECISION: "person-check",
    Right.POST_MORTEM: "file-earmark-text",
}

# What we do among ourselves, a plan or a reminder, is left out.
STEPS: dict[str, Promise] = {
    Kind.RECEIVED: _("Votre demande est arrivée"),
    Kind.JOINED: _("Vous l’avez faite une seconde fois : c’est la même demande"),
    Kind.PERSON_FOUND: _("Nous avons retrouvé qui vous êtes"),
    Kind.ACKNOWLEDGED: _("Nous vous avons dit qu’elle est arrivée"),
    Kind.IDENTITY_ASKED: _("Nous vous avons demandé de montrer que c’est bien vous ; le délai attend votre réponse"),
    Kind.IDENTITY_PROVED: _("Nous savons que c’est bien vous"),
    Kind.EXTENDED: _("Il nous faut deux mois de plus, et nous vous avons dit pourquoi"),
    Kind.DECIDED: _("Nous avons décidé"),
    Kind.EXECUTED: _("C’est fait"),
    Kind.RECIPIENTS_TOLD: _("Ceux à qui nous avions transmis ces données sont prévenus"),
    Kind.ANSWERED: _("Nous vous avons répondu"),
}

LETTERS: dict[str, Promise] = {
    Letter.Kind.ACKNOWLEDGEMENT: _("Accusé de réception"),
    Letter.Kind.IDENTITY: _("Une question sur votre identité"),
    Letter.Kind.EXTENSION: _("Un délai plus long"),
    Letter.Kind.ANSWER: _("Notre réponse"),
    Letter.Kind.REFUSAL: _("Notre refus, et vos recours"),
    Letter.Kind.LIFTING: _("La fin de la limitation"),
}

OUTCOMES: dict[str, Promise] = {
    Outcome.GRANTED: _("C’est accordé."),
    Outcome.PARTLY: _("C’est accordé en partie."),
    Outcome.REFUSED: _("C’est refusé."),
}
