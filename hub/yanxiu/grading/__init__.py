"""The grading worker: lease a job, run it in the sandbox, score it, report.

A worker holds nothing worth stealing: no database, no hub token, only the right to take
one job at a time. It talks to records over HTTP (``client``) and to the sandbox launcher
over its socket (``sandbox_runs``). It parses no notebook: what it
knows of a learner's comes back from runs as small JSON (``sandbox_runs``, ``scores``).
"""
