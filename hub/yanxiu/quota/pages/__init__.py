"""Handlers of pages: they translate between HTTP and verbs, and decide nothing."""
