"""The demonstration: calls the verbs under a moved clock."""
