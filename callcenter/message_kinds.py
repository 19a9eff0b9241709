from datetime import timedelta

from privacy.outbox import MessageKind, register

register(
    MessageKind("night_report", "Le rapport du matin", lifetime=timedelta(days=1), mail_only=True),
    MessageKind("night_report_unread", "Un rapport du matin sans réponse", lifetime=timedelta(days=1), mail_only=True),
    MessageKind("on_call_gap", "Une astreinte sans personne", lifetime=timedelta(days=1), mail_only=True),
    MessageKind("emergency_review", "Un appel aux secours à relire", lifetime=timedelta(days=1), mail_only=True),
)
