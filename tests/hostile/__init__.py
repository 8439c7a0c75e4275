"""Hostile visitors: wrong values, peers' records, wrong states, writing GETs, bad files."""
