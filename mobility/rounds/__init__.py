"""Matching rounds: frozen, solved, published."""
