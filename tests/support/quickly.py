"""Property tests of arithmetic: thirty examples, and no clock, because the machine may be busy."""

from hypothesis import settings

quickly = settings(max_examples=30, deadline=None)
