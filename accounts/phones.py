import phonenumbers


class InvalidPhone(ValueError):
    """What was typed is no telephone number."""


def to_e164(text: str, *, region: str = "FR") -> str:
    """
    The E.164 form of a number in any spelling: ``03.27.12.34.56``, ``0033 3 27…``, ``+33 (0)3 27…``.

    Raises InvalidPhone when no such number can exist in its country.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException as error:
        raise InvalidPhone(text) from error
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        raise InvalidPhone(text)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
