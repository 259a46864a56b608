"""What the house calls things on a cluster, and makes of them: pure, apart from any client.

``names`` is the one place of every name; manifests are built by pure functions beside it. Used
by ``spawn`` (teachers' servers), by the quota engine of Kueue, by grading and by commands.
"""
