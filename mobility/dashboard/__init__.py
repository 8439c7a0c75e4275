"""Figures and lines of steps; owns no table."""
