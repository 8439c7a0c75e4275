"""Steps in bulk: what an officer does to several records at once, and takes back."""
