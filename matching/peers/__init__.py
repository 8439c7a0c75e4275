"""Other methods for the same problem, to measure the engine against: dataclasses in, assignments out.

Each raises the first goal, the sum of priorities, and keeps every rule. They share with the engine only the table
of possible visits (`ways`), which costs each of them the same.
"""

from importlib import import_module

from matching.peers.terms import Answer, Effort, Peer

__all__ = ["PEERS", "Answer", "Effort", "Peer", "peer"]

PEERS = ("first_come", "deferred_acceptance", "min_cost_flow", "time_indexed", "textbook")


def peer(name: str) -> Peer:
    """Load one peer, and only what it needs: first come, first served does without OR-Tools."""
    found: Peer = import_module(f"matching.peers.{name}").solve
    return found
