"""Applications of visitors and their wishes."""
