"""Numbers for a monitor (Prometheus), on a port of their own, behind a token.

One process reads what all others leave behind: rows, audit events, the launcher's counts, the
hub's own metrics. So it does not matter how many processes serve, and none of them has a port
more. No label ever holds a person's name or id. Why: docs/decisions/metrics.md.
"""
