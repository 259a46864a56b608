"""What lessonkit refuses, and how it says so.

All of them are ``ValueError``: whoever catches that catches these. Each text is Chinese
first, then English, and names the place, the value, and what was possible. It may quote a
code or a mark, so show it to whoever gave the data and keep it out of logs.
"""


class LessonError(ValueError):
    """What lessonkit was given cannot be analysed; the text says where and what to do."""


class CodeError(LessonError):
    """A code that its code book does not have, or no code at all."""


class MarkError(LessonError):
    """A number that is none, or that lies outside what is possible."""


class ShapeError(LessonError):
    """Data of another form than the method needs: lengths, columns, order."""


class BookError(LessonError):
    """A code book that contradicts itself."""
