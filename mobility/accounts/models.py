"""People and what they may do."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from mobility.accounts.enums import Role
from mobility.accounts.roles import FINANCE_ROLES, FOUR_EYED_ROLES, OWN_ROLES, PARTNERSHIP_ROLES, PERMISSIONS
from mobility.core.access import Permission, Scope
from mobility.core.crypto import EncryptedText
from mobility.core.db import Key, Model, Versioned, enum_column

FOUR_EYED_SQL = "('finance_initiator', 'finance_approver', 'administrator')"


class User(Model, Versioned, UserMixin):
    """A person with an account."""

    __tablename__ = "user"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]
    # The second factor; the library asks for these names.
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None] = mapped_column(EncryptedText("user.tf_totp_secret"), deferred=True)
    tf_phone_number: Mapped[str | None]
    # Recovery codes, hashed; each works once.
    mf_recovery_codes: Mapped[list[str]] = mapped_column(default=list)
    # The last time step whose code was taken: none before or at it is taken again.
    totp_last_counter: Mapped[int | None]

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="user", lazy="selectin", foreign_keys="RoleGrant.user_id", order_by="RoleGrant.id"
    )
    roles = synonym("grants")  # Flask-Security asks under this name

    def may(self, permission: Permission) -> bool:
        """Whether any of the person's roles holds the permission."""
        return any(permission in PERMISSIONS[grant.role] for grant in self.grants_in_force)

    def has(self, *asked: Role) -> bool:
        """Whether the person holds one of these roles."""
        return any(grant.role in asked for grant in self.grants_in_force)

    def scopes(self, permission: Permission) -> frozenset[Scope]:
        """Where a staff role of the person holds the permission."""
        staff = [grant for grant in self.grants_in_force if grant.role not in OWN_ROLES]
        holding = [grant for grant in staff if permission in PERMISSIONS[grant.role]]
        return frozenset(
            Scope(grant.partnership_id, grant.call_id)
            for grant in holding
            if grant.partnership_id is not None or grant.role not in PARTNERSHIP_ROLES
        )

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in asks for a code."""
        return self.tf_primary_method is not None

    @property
    def grants_in_force(self) -> list["RoleGrant"]:
        """The roles that count: one for money waits for a second administrator."""
        return [grant for grant in self.grants if grant.is_in_force]

    @property
    def is_staff(self) -> bool:
        """Whether the person holds or is about to hold a role that sees the records of others."""
        return any(grant.role not in OWN_ROLES for grant in self.grants)


class RoleGrant(Model, RoleMixin):
    """A role of a person, perhaps only in one partnership or call."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index(
            "uq_role_grant",
            "user_id",
            "role",
            "partnership_id",
            "call_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        # A role for money, and an administrator's, needs two administrators who are not its holder (promise T52).
        CheckConstraint(
            f"role NOT IN {FOUR_EYED_SQL} OR approved_at IS NULL"
            " OR (granted_by_id IS NOT NULL AND approved_by_id IS NOT NULL AND granted_by_id <> approved_by_id)",
            name="two_administrators",
        ),
        CheckConstraint(
            f"role NOT IN {FOUR_EYED_SQL}"
            " OR (granted_by_id IS DISTINCT FROM user_id AND approved_by_id IS DISTINCT FROM user_id)",
            name="not_to_oneself",
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    # Plain ids: partnerships and calls stand above this room.
    partnership_id: Mapped[int | None]
    call_id: Mapped[int | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    granted_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    approved_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])

    @property
    def is_in_force(self) -> bool:
        # Whom the command line made administrator was made by whoever runs the machine.
        is_first = self.role not in FINANCE_ROLES and self.granted_by_id is None
        return self.role not in FOUR_EYED_ROLES or self.approved_at is not None or is_first

    @property
    def name(self) -> str:  # type: ignore[override]  # the library declares a column
        return self.role.value
