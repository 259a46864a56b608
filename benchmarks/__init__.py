"""Measure the platform against the stock way: a module a benchmark, ``run.py`` runs them.

A benchmark has ``NAME`` and ``run() -> Result``. What each measures is in
``docs/reference/benchmarks.md``. Nothing here is imported by the platform or its tests.
"""
