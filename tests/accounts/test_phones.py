import pytest

from accounts.phones import InvalidPhone, to_e164


@pytest.mark.parametrize(
    "text",
    [
        "0327123456",
        "03 27 12 34 56",
        "03.27.12.34.56",
        "03-27-12-34-56",
        "03/27/12/34/56",
        "+33327123456",
        "+33 3 27 12 34 56",
        "+33 (0)3 27 12 34 56",
        "0033327123456",
        "0033 3 27 12 34 56",
        " 03\N{NO-BREAK SPACE}27\N{NO-BREAK SPACE}12\N{NO-BREAK SPACE}34\N{NO-BREAK SPACE}56 ",
        "tel:+33327123456",
    ],
)
def test_any_french_spelling_is_one_number(text):
    assert to_e164(text) == "+33327123456"


@pytest.mark.parametrize(("text", "expected"), [("+32 69 12 34 56", "+3269123456"), ("06 12 34 56 78", "+33612345678")])
def test_mobiles_and_neighbours(text, expected):
    assert to_e164(text) == expected


@pytest.mark.parametrize(
    "text", ["", " ", "12", "0000000000", "03 27 12 34", "03 27 12 34 56 78", "inconnu", "\x00", "+", "9" * 10_000]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(InvalidPhone):
        to_e164(text)
