"""Import files: checked whole, then taken whole, by command or by page."""
