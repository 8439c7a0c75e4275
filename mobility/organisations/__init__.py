"""Organisations that visit and host."""
