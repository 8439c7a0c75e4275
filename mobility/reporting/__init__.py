"""Closing reports, their evidence, and what the partnership decides on them."""
