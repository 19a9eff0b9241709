"""What a caller says to being recorded, told to the ledger of consents."""

from accounts.models import User
from callcenter.models import Call
from privacy import consent
from privacy.models import ConsentEvent

RECORDING = "recording"


def tell_ledger(call: Call, *, by: User) -> ConsentEvent | None:
    """
    Note the call's answer as its caller's, at the moment it was spoken; nothing while nobody is identified.

    No after yes on the same call is a withdrawal. No from the start concerns this call alone.
    """
    if call.caller is None or call.recording_answered_at is None:
        return None
    if call.recording_answer == Call.RecordingAnswer.ACCEPTED:
        note = consent.give
    else:
        note = consent.withdraw if said_yes_on(call) else consent.refuse
    return note(
        call.caller,
        purpose=RECORDING,
        channel=ConsentEvent.Channel.PHONE,
        by=by,
        now=call.recording_answered_at,
        source=call,
    )


def said_yes_on(call: Call) -> bool:
    given = ConsentEvent.objects.filter(
        person=call.caller, purpose=RECORDING, answer=ConsentEvent.Answer.GIVEN, source_id=call.pk
    )
    return given.filter(source_model=call._meta.label).exists()
