"""Notes: what staff write about a record for each other."""
