"""Handlers: they translate between HTTP and verbs, and decide nothing."""
