"""Fields encrypted at rest: keys outside the database, the newest writes, all read; and tokens of links."""

import base64
import binascii
import hmac
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app
from sqlalchemy import Dialect, LargeBinary, Text, TypeDecorator

from mobility.core.settings import BadSettings


def keys(written: tuple[str, ...]) -> MultiFernet:
    """The key ring of `FIELD_KEYS`. Raises `BadSettings` for a key that is not 32 bytes in base64."""
    return MultiFernet([Fernet(_key(key)) for key in written])


def _key(written: str) -> bytes:
    try:
        raw = base64.urlsafe_b64decode(written)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != 32:
        raise BadSettings("FIELD_KEYS holds a key that is not 32 bytes in URL-safe base64.")
    return written.encode()


def link_token(*purpose: str) -> str:
    """The token of a link in a letter, worked out from our key and what it is for.

    Not drawn: the database keeps only its hash, yet a reminder can carry the same link. With a new token each
    time, the first letter's link would die under somebody who has the page open.
    """
    key = current_app.config["SECRET_KEY"].encode()
    return (
        base64.urlsafe_b64encode(hmac.digest(key, "\0".join(purpose).encode(), "sha256")).decode().rstrip("=")
    )


def token_hash(token: str) -> str:
    """What the database keeps of a token."""
    return sha256(token.encode()).hexdigest()


def _ring() -> MultiFernet:
    ring: MultiFernet = current_app.extensions["field_keys"]
    return ring


class EncryptedText(TypeDecorator[str]):
    """Text that the database only sees encrypted, bound to the field it belongs to."""

    impl = Text
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else _ring().encrypt(f"{self.purpose}\0{value}".encode()).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        if value is None:
            return None
        purpose, _, clear = _ring().decrypt(value.encode()).decode().partition("\0")
        if purpose != self.purpose:
            raise InvalidToken
        return clear


class EncryptedBytes(TypeDecorator[bytes]):
    """A file that the database only sees encrypted, bound to the field it belongs to."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, purpose: str) -> None:
        super().__init__()
        self.purpose = purpose.encode() + b"\0"

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else _ring().encrypt(self.purpose + value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        if value is None:
            return None
        clear = _ring().decrypt(bytes(value))
        if not clear.startswith(self.purpose):
            raise InvalidToken
        return clear.removeprefix(self.purpose)
