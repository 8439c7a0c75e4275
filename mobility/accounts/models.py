"""People and what they may do."""

from datetime import datetime

from flask_security import RoleMixin, UserMixin
from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from mobility.accounts.enums import Role
from mobility.accounts.roles import OWN_ROLES, PARTNERSHIP_ROLES, PERMISSIONS
from mobility.core.access import Permission
from mobility.core.db import Key, Model, Versioned, enum_column


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

    grants: Mapped[list["RoleGrant"]] = relationship(
        back_populates="user", lazy="selectin", foreign_keys="RoleGrant.user_id", order_by="RoleGrant.id"
    )
    roles = synonym("grants")  # Flask-Security asks under this name

    def may(self, permission: Permission) -> bool:
        """Whether any of the person's roles holds the permission."""
        return any(permission in PERMISSIONS[grant.role] for grant in self.grants)

    def has(self, *asked: Role) -> bool:
        """Whether the person holds one of these roles."""
        return any(grant.role in asked for grant in self.grants)

    def partnership_ids(self, permission: Permission) -> frozenset[int] | None:
        """The partnerships in which a staff role of the person holds the permission; None means all."""
        staff = [grant for grant in self.grants if grant.role not in OWN_ROLES]
        holding = [grant for grant in staff if permission in PERMISSIONS[grant.role]]
        if any(grant.partnership_id is None and grant.role not in PARTNERSHIP_ROLES for grant in holding):
            return None
        return frozenset(grant.partnership_id for grant in holding if grant.partnership_id is not None)

    @property
    def is_staff(self) -> bool:
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
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    role: Mapped[Role] = mapped_column(enum_column(Role))
    # Plain ids: partnerships and calls stand above this room.
    partnership_id: Mapped[int | None]
    call_id: Mapped[int | None]
    granted_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    granted_at: Mapped[datetime]

    user: Mapped[User] = relationship(back_populates="grants", foreign_keys=[user_id])

    @property
    def name(self) -> str:  # type: ignore[override]  # the library declares a column
        return self.role.value
