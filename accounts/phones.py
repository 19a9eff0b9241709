import phonenumbers

SHORTEST_ENDING = 4  # digits


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
        raise InvalidPhone from error
    if not phonenumbers.is_possible_number(number) or not phonenumbers.is_valid_number(number):
        raise InvalidPhone
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def ending_of(text: str) -> str:
    """
    What the E.164 form ends with: all of it where the number is whole, or else the digits that were typed.

    Empty when they are fewer than four.
    """
    try:
        return to_e164(text)
    except InvalidPhone:
        digits = "".join(char for char in text if char in "0123456789")
        return digits if len(digits) >= SHORTEST_ENDING else ""


def can_receive_texts(number: str) -> bool:
    """Whether an E.164 number may be a mobile. Some countries do not tell them apart."""
    mobiles = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE)
    try:
        return phonenumbers.number_type(phonenumbers.parse(number)) in mobiles
    except phonenumbers.NumberParseException:
        return False
