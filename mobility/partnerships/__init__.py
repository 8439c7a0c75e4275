"""Partnerships: grant holders that recruit, assess and pay."""
