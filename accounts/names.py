import unicodedata


def clean_text(text: str) -> str:
    """
    One line as a person would type it: composed, without control or direction marks, single spaces.

    Landlords' files and pasted text carry right-to-left marks, NUL bytes and double spaces that no one sees.
    """
    composed = unicodedata.normalize("NFC", text)
    if composed.isprintable():  # nearly always, and ten times as fast: no mark to look for, no space but U+0020
        return " ".join(composed.split())
    spaced = "".join(" " if char.isspace() else char for char in composed)
    visible = "".join(char for char in spaced if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(unicodedata.normalize("NFC", visible).split())
