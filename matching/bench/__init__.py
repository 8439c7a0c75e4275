"""Measures the engine against its peers, and against published optima."""
