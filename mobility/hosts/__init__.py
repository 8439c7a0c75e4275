"""Offers of hosts: windows, places, reservations."""
