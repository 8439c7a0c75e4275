"""People, their roles and scopes."""
