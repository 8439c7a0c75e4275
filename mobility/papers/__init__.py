"""Issued PDFs: numbered, versioned, hashed."""
