from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from privacy.outbox import MessageKind, register

DAY = timedelta(days=1)

register(
    MessageKind("report_link", _("Signaler un problème dans votre logement"), lifetime=DAY),
    MessageKind("follow_link", _("Suivre votre demande"), lifetime=3 * DAY),
    MessageKind("named_by_another", _("Quelqu’un nous a parlé de vous"), lifetime=3 * DAY),
    MessageKind("new_message", _("Un message vous attend"), lifetime=2 * DAY),
    MessageKind("appointment", _("Votre rendez-vous"), lifetime=DAY),
    MessageKind("answer_to_complaint", _("Une réponse à votre réclamation"), lifetime=7 * DAY),
    MessageKind("estimate_ready", _("Un devis vous attend"), lifetime=7 * DAY),
    MessageKind("invoice_ready", _("Votre facture"), lifetime=7 * DAY),
    MessageKind("invoice_reminder_friendly", _("Une facture reste à payer"), lifetime=3 * DAY),
    MessageKind("invoice_reminder_firm", _("Rappel : une facture reste à payer"), lifetime=3 * DAY),
    MessageKind("invoice_reminder_last", _("Dernier rappel avant recouvrement"), lifetime=3 * DAY),
    MessageKind("identity_asked", _("Votre abonnement"), lifetime=7 * DAY),
    MessageKind("job_link", "Une intervention pour vous", lifetime=DAY),
    MessageKind("spending_request", "Une dépense attend votre accord", lifetime=3 * DAY),
    MessageKind("webhook_stopped", "Votre logiciel ne répond plus", lifetime=3 * DAY, mail_only=True),
    MessageKind("deletion_request", "Des données à effacer", lifetime=3 * DAY),
    MessageKind("hotel_link", "Une nuit à l’hôtel pour des locataires", lifetime=DAY),
    MessageKind("survey", _("Votre avis nous intéresse"), lifetime=7 * DAY, solicits="surveys"),
)
