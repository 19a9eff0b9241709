import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.names import clean_text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("  Marie   Dupont ", "Marie Dupont"),
        ("Marie\tDupont\r\n", "Marie Dupont"),
        ("Marie\N{NO-BREAK SPACE}Dupont", "Marie Dupont"),
        ("Mar\x00ie", "Marie"),
        ("\N{RIGHT-TO-LEFT MARK}Ben Ali\N{RIGHT-TO-LEFT OVERRIDE}", "Ben Ali"),
        ("Jo\N{ZERO WIDTH SPACE}ëlle", "Joëlle"),
        ("Joe\N{COMBINING DIAERESIS}lle", "Joëlle"),
        ("O’Brien-Lefèvre", "O’Brien-Lefèvre"),
        ("\ud800", ""),
        ("\x00 \n", ""),
    ],
)
def test_a_name_is_what_one_sees(typed, expected):
    assert clean_text(typed) == expected


@given(st.text(st.characters(codec=None)))
@example("e\N{ZERO WIDTH SPACE}\N{COMBINING ACUTE ACCENT}")  # composed only once the mark is gone
def test_cleaning_twice_changes_nothing(text):
    assert clean_text(clean_text(text)) == clean_text(text)
