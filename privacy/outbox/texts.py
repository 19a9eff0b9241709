"""What a message says, in its reader's language, made up when it is sent."""

from django.conf import settings
from django.template import Context, Engine
from django.utils import translation

from privacy.models import OutgoingMessage
from privacy.outbox.kinds import kind_of


def subject_of(message: OutgoingMessage) -> str:
    with translation.override(language_of(message)):
        return str(kind_of(message.kind).subject)


def text_of(message: OutgoingMessage) -> str:
    """Plain text: nothing in it is escaped, pictured or counted."""
    suffix = ".sms.txt" if message.channel == OutgoingMessage.Channel.SMS else ".txt"
    template = Engine.get_default().get_template(f"outbox/{message.kind}{suffix}")
    context = {
        **message.said(),
        "company_name": settings.COMPANY_NAME,
        "emergency_phone": settings.EMERGENCY_PHONE,
    }
    with translation.override(language_of(message)):
        return template.render(Context(context, autoescape=False)).strip()


def language_of(message: OutgoingMessage) -> str:
    return message.language if message.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
