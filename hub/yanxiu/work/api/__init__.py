"""Handlers for programs: JSON and bundles instead of pages, the same verbs."""
