"""Lists find words by an index, wherever they stand in a text, and are sorted by one."""

from alembic import op

revision = "0018"
down_revision = "0017"

WORDS = {
    "application": ("reference", "person_name"),
    "offer": ("reference", "title"),
    "organisation": ("name", "name_folded", "registration", "town"),
}
SORTED = {
    "ix_application_status": ("application", ["status", "id"]),
    "ix_offer_title": ("offer", ["title", "id"]),
    "ix_likeness_list": ("likeness", ["status", "found_at", "id"]),
    **{
        f"ix_organisation_{column}": ("organisation", [column, "id"])
        for column in ("type", "country", "town", "cluster_name", "staff")
    },
}


def upgrade():
    for name, (table, columns) in SORTED.items():
        op.create_index(name, table, columns)
    # Signs three in a row and two in a row, from each place of the text on; what is left over at its end does no harm.
    # pg_trgm would do, but the embedded server does not come with it.
    op.execute(r"""
        CREATE FUNCTION grams(words text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT string_to_array(concat_ws(
                E'\x01',
                regexp_replace(low, '(...)', E'\\1\x01', 'g'),
                regexp_replace(substr(low, 2), '(...)', E'\\1\x01', 'g'),
                regexp_replace(substr(low, 3), '(...)', E'\\1\x01', 'g'),
                regexp_replace(low, '(..)', E'\\1\x01', 'g'),
                regexp_replace(substr(low, 2), '(..)', E'\\1\x01', 'g')
            ), E'\x01') FROM lower(words) AS low
        $$
    """)
    # Of a word that is looked for only what each text with the word in it has: nothing, if it is a single sign.
    op.execute("""
        CREATE FUNCTION grams_of(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(gram), '{}') FROM unnest(grams(word)) AS gram
            WHERE length(gram) = least(length(lower(word)), 3) AND length(gram) > 1
        $$
    """)
    for table, columns in WORDS.items():
        grams = ", ".join(f"grams({column})" for column in columns)
        op.execute(f"CREATE INDEX ix_{table}_words ON {table} USING gin ({grams})")


def downgrade():
    for name, (table, _columns) in SORTED.items():
        op.drop_index(name, table)
    for table in WORDS:
        op.execute(f"DROP INDEX ix_{table}_words")
    op.execute("DROP FUNCTION grams_of(text)")
    op.execute("DROP FUNCTION grams(text)")
