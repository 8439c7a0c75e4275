"""What staff administer: imports, invariants."""
