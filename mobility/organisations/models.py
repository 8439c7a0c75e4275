"""Organisations and their people."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from mobility.accounts.models import User
from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, Versioned, enum_column
from mobility.organisations.enums import AskStatus, MemberRight, OrganisationType, Standing
from mobility.partnerships.models import Partnership


class Organisation(Model, Versioned):
    """A legal body that visits or hosts, registered in one country."""

    __tablename__ = "organisation"
    __table_args__ = (
        Index("uq_organisation_registration", "country", "registration", unique=True),
        # As lists are sorted.
        Index("ix_organisation_name_folded", "name_folded", "id"),
        CheckConstraint("staff IS NULL OR staff >= 0", name="staff"),
        CheckConstraint("cluster_standing = 'declared' OR cluster_name <> ''", name="cluster_named"),
    )

    id: Mapped[Key]
    registration: Mapped[str]
    name: Mapped[str]
    # Folded for search and sorting: the database has no language collations.
    name_folded: Mapped[str]
    type: Mapped[OrganisationType] = mapped_column(enum_column(OrganisationType))
    country: Mapped[str]
    town: Mapped[str]
    region: Mapped[str | None]
    latitude: Mapped[float]
    longitude: Mapped[float]
    staff: Mapped[int | None]
    turnover_cents: Mapped[int | None]
    balance_cents: Mapped[int | None]
    founded: Mapped[int | None]
    website: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    cluster_name: Mapped[str] = mapped_column(default="")
    cluster_has_profile: Mapped[bool] = mapped_column(default=False)
    # What the newest question to the cluster came to; rules look at it without a query.
    cluster_standing: Mapped[Standing] = mapped_column(enum_column(Standing), default=Standing.DECLARED)
    partnership_id: Mapped[int | None] = mapped_column(ForeignKey("partnership.id"))
    account_holder: Mapped[str] = mapped_column(default="")
    iban: Mapped[str | None] = mapped_column(EncryptedText("organisation.iban"))
    bic: Mapped[str] = mapped_column(default="")
    street: Mapped[str] = mapped_column(default="")
    postcode: Mapped[str] = mapped_column(default="")
    registered_at: Mapped[datetime]

    partnership: Mapped[Partnership | None] = relationship()


class OrganisationMember(Model):
    """A person who may act for an organisation, or only look."""

    __tablename__ = "organisation_member"
    __table_args__ = (Index("uq_organisation_member", "organisation_id", "user_id", unique=True),)

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    since: Mapped[datetime]
    right: Mapped[MemberRight] = mapped_column(enum_column(MemberRight), default=MemberRight.EDIT)
    # Nobody for whoever registered it.
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))

    organisation: Mapped[Organisation] = relationship()
    user: Mapped[User] = relationship(foreign_keys=[user_id])
    added_by: Mapped[User | None] = relationship(foreign_keys=[added_by_id])


class ColleagueInvitation(Model, Versioned):
    """Somebody asked by letter to act for an organisation; joins by the link, once."""

    __tablename__ = "colleague_invitation"
    __table_args__ = (
        # One letter at a time to each address.
        Index(
            "uq_colleague_invitation_waiting",
            "organisation_id",
            "email",
            unique=True,
            postgresql_where="status = 'waiting'",
        ),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("email = lower(email)", name="email"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    email: Mapped[str]
    right: Mapped[MemberRight] = mapped_column(enum_column(MemberRight))
    status: Mapped[AskStatus] = mapped_column(enum_column(AskStatus), default=AskStatus.WAITING)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    organisation: Mapped[Organisation] = relationship()
    invited_by: Mapped[User] = relationship()


class ClusterQuestion(Model, Versioned):
    """A cluster asked by letter whether an organisation is its member; whoever holds the link answers once."""

    __tablename__ = "cluster_question"
    __table_args__ = (
        Index("uq_cluster_question_turn", "organisation_id", "turn", unique=True),
        # One question at a time.
        Index(
            "uq_cluster_question_waiting",
            "organisation_id",
            unique=True,
            postgresql_where="status = 'waiting'",
        ),
        CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("status IN ('waiting', 'lapsed') OR answered_by <> ''", name="answered"),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    turn: Mapped[int]
    # As it was named: a cluster named later is asked anew.
    cluster_name: Mapped[str]
    to_email: Mapped[str]
    status: Mapped[AskStatus] = mapped_column(enum_column(AskStatus), default=AskStatus.WAITING)
    token_sha256: Mapped[str] = mapped_column(unique=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    answered_by: Mapped[str] = mapped_column(default="")
    remark: Mapped[str] = mapped_column(default="")

    organisation: Mapped[Organisation] = relationship()
    asked_by: Mapped[User] = relationship()
