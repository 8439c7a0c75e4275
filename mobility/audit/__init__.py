"""The log of every move: append-only."""
