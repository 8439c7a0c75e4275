"""Runs migrations on the application's database; knows which tables are another library's."""

from alembic import context
from sqlalchemy import types

from mobility.core.db import Model, UtcDateTime, db


def include_name(name, kind, _parents):
    """Procrastinate brings its own tables; our models do not describe them."""
    return kind != "table" or not name.startswith("procrastinate_")


def render_item(kind, item, _autogen_context):
    """Write own column types as what they are in the database: migrations never import `mobility`."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, types.TypeDecorator):
        return "sa.Text()"
    return False


def run() -> None:
    engine = db.engine
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=Model.metadata,
            include_name=include_name,
            render_item=render_item,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
