import smtplib
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage

from privacy.models import OutgoingMessage
from privacy.outbox.failures import Refused, TryAgain
from privacy.outbox.texts import subject_of, text_of


def transmit(message: OutgoingMessage, *, valid_for: timedelta) -> str:
    """
    Hand the message to the mail server, which gives no number of its own. Raises TryAgain or Refused.

    Each attempt has the same Message-ID, by which a mailbox knows a copy from a second message.
    """
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    mail = EmailMessage(
        subject=subject_of(message),
        body=text_of(message),
        to=[message.said()["to"]],
        headers={"Message-ID": f"<{message.reference}@{domain}>", "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        if min(codes) >= 500:
            raise Refused(f"SMTP {min(codes)}") from None
        raise TryAgain(f"SMTP {min(codes)}") from None
    except (smtplib.SMTPException, OSError) as error:  # a refused password too: somebody will put it right
        raise TryAgain(type(error).__name__) from None
    return ""
