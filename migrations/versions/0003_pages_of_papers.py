"""What a paper said before it was printed; how the catalogue finds the nearest few."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

NEWEST = ("call_id", "mode", sa.text("submitted_at DESC NULLS LAST"), sa.text("id DESC"))
TOPICS = ("ecosystems", "languages")
SEEKING, OPEN = "status IN ('submitted', 'accepted')", "status = 'accepted'"


def upgrade():
    # Papers of before have none: the next print of one is a new version.
    op.add_column("paper", sa.Column("page_sha256", sa.Text(), server_default="", nullable=False))
    op.alter_column("paper", "page_sha256", server_default=None)
    # Files were said to be there always; now the database says it too.
    op.alter_column("paper", "content", nullable=False)
    op.alter_column("evidence", "content", nullable=False)
    op.create_index("ix_application_seeking", "application", NEWEST, postgresql_where=SEEKING)
    op.create_index("ix_offer_open", "offer", NEWEST, postgresql_where=OPEN)
    for name, table, where in (("ix_application_topics", "application", SEEKING), ("ix_offer_topics", "offer", OPEN)):
        op.create_index(name, table, TOPICS, postgresql_using="gin", postgresql_where=where)
    _list_applications(include=["partnership_id"])
    op.create_index("ix_contact_application_id", "contact", ["application_id"])
    op.create_index("ix_wish_offer", "wish", ["offer_id", "rank", sa.text("application_id DESC")])


def _list_applications(include):
    op.drop_index("ix_application_list", table_name="application")
    columns = ["call_id", "status", sa.text("submitted_at DESC NULLS LAST"), "id"]
    op.create_index("ix_application_list", "application", columns, postgresql_include=include)


def downgrade():
    _list_applications(include=[])
    op.drop_index("ix_wish_offer", table_name="wish")
    op.drop_index("ix_contact_application_id", table_name="contact")
    for name, table in (
        ("ix_offer_topics", "offer"),
        ("ix_application_topics", "application"),
        ("ix_offer_open", "offer"),
        ("ix_application_seeking", "application"),
    ):
        op.drop_index(name, table_name=table)
    op.alter_column("evidence", "content", nullable=True)
    op.alter_column("paper", "content", nullable=True)
    op.drop_column("paper", "page_sha256")
