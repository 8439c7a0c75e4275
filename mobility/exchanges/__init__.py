"""Exchanges: from both answers to the end of the stay."""
