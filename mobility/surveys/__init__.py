"""Surveys after the stay."""
