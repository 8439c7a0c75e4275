"""Partnerships."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, Versioned


class Partnership(Model, Versioned):
    """A consortium of cluster organisations that holds a grant (VOP, HOP)."""

    __tablename__ = "partnership"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    topic: Mapped[str]
    ecosystems: Mapped[list[str]]
    country: Mapped[str]
    town: Mapped[str]
    email: Mapped[str]
    coordinator: Mapped[str]
    founded_at: Mapped[datetime]
    # The account that its lump sums are paid from.
    account_holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str | None] = mapped_column(EncryptedText("partnership.iban"))
    bic: Mapped[str] = mapped_column(default="")
    # As a payment file wants an address: structured (pain.001.001.09).
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
