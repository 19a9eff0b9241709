import pytest
from cryptography.fernet import Fernet, InvalidToken
from django.core import serializers
from django.db import connection

from interventions.models import AccessCode
from tests.factories import AccessCodeFactory

pytestmark = pytest.mark.django_db

CODE = "Clé sous le pot n° 4711"


def stored(pk):
    with connection.cursor() as cursor:
        cursor.execute("SELECT code FROM interventions_accesscode WHERE id = %s", [pk])
        return bytes(cursor.fetchone()[0])


def test_the_database_holds_ciphertext_and_python_the_text():
    pk = AccessCodeFactory(code=CODE).pk
    assert AccessCode.objects.get(pk=pk).code == CODE
    assert b"4711" not in stored(pk)
    assert stored(pk).startswith(b"gAAAA")  # a Fernet token


def test_the_same_text_is_never_stored_alike():
    assert stored(AccessCodeFactory(code=CODE).pk) != stored(AccessCodeFactory(code=CODE).pk)


def test_a_new_key_in_front_still_reads_what_the_old_one_wrote(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    settings.MASTER_KEYS = [old]
    pk = AccessCodeFactory(code=CODE).pk

    settings.MASTER_KEYS = [new, old]
    code = AccessCode.objects.get(pk=pk)
    assert code.code == CODE
    code.save()

    settings.MASTER_KEYS = [new]
    assert AccessCode.objects.get(pk=pk).code == CODE


def test_without_its_key_a_code_cannot_be_read(settings):
    pk = AccessCodeFactory(code=CODE).pk
    settings.MASTER_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(InvalidToken):
        AccessCode.objects.get(pk=pk)


def test_a_code_is_exported_and_loaded_again_as_text():
    code = AccessCodeFactory(code=CODE)
    [loaded] = serializers.deserialize("json", serializers.serialize("json", [code]))
    assert loaded.object.code == CODE
    loaded.save()
    assert AccessCode.objects.get(pk=code.pk).code == CODE


def test_its_form_field_is_a_line_of_text():
    field = AccessCode._meta.get_field("code").formfield()
    assert field.clean(" 12A34 ") == "12A34"
