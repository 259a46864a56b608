"""The live preview of a course: its forms as the portal shows them, its notebooks executed.

For an author on their own machine: loopback only, no accounts, nothing kept. ``tool`` runs
the builder, ``workshop`` watches and rebuilds, ``pages`` shows, ``serve`` listens.
"""
