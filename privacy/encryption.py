"""Text encrypted at rest (GDPR article 32): the database and its backups hold only ciphertext."""

from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models


def cipher() -> MultiFernet:
    """The first master key encrypts, all of them decrypt: rotating is putting a new key in front."""
    return MultiFernet([Fernet(key) for key in settings.MASTER_KEYS])


class EncryptedTextField(models.BinaryField):
    """A text in Python, a Fernet token in the database. It cannot be searched or sorted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = kwargs.get("editable", True)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else cipher().decrypt(bytes(value)).decode()

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else cipher().encrypt(str(value).encode())

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:
        from django import forms

        return forms.CharField(
            label=self.verbose_name, required=not self.blank, max_length=200, help_text=self.help_text
        )
