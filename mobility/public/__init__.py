"""Pages for everybody; owns no table."""
