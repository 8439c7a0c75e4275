"""Commitment to Quality and financial agreement: text, signatures, papers."""
