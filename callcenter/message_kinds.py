from datetime import timedelta

from privacy.outbox import MessageKind, register

register(
    MessageKind("on_call_gap", "Une astreinte sans personne", lifetime=timedelta(days=1), mail_only=True),
    MessageKind("emergency_review", "Un appel aux secours à relire", lifetime=timedelta(days=1), mail_only=True),
)
