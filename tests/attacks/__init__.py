"""Attacks on a whole platform's availability, and what others notice of them. No tests."""
