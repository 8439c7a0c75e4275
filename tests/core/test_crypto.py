"""Fields encrypted at rest."""

import pytest
from cryptography.fernet import Fernet, InvalidToken
from flask import Flask
from sqlalchemy.dialects import postgresql

from mobility.core.crypto import EncryptedText, keys
from mobility.core.settings import BadSettings

DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def test_what_is_stored_is_not_what_was_typed_and_comes_back(app: Flask) -> None:
    field = EncryptedText("organisation.iban")
    with app.app_context():
        stored = field.process_bind_param("DE89370400440532013000", DIALECT)

        assert stored is not None
        assert "DE89" not in stored
        assert field.process_result_value(stored, DIALECT) == "DE89370400440532013000"


def test_a_value_moved_to_another_field_is_not_read(app: Flask) -> None:
    with app.app_context():
        stored = EncryptedText("a").process_bind_param("secret", DIALECT)

        with pytest.raises(InvalidToken):
            EncryptedText("b").process_result_value(stored, DIALECT)


def test_an_old_key_still_reads_and_the_newest_writes() -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    written = keys((old,)).encrypt(b"secret")

    assert keys((new, old)).decrypt(written) == b"secret"
    with pytest.raises(InvalidToken):
        keys((old,)).decrypt(keys((new, old)).encrypt(b"secret"))


@pytest.mark.parametrize("bad", ["", "short", "é" * 43 + "="])
def test_a_key_of_the_wrong_length_is_refused(bad: str) -> None:
    with pytest.raises(BadSettings, match="FIELD_KEYS"):
        keys((bad,))
