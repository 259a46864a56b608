"""Plain nbgrader courses: read a course's folder, make its release, write one back.

nbgrader is a format and a library here: its preprocessors make the versions, its gradebook
is what an export writes. Nothing of the course is executed: neither its notebooks nor its
``nbgrader_config.py``, which are a stranger's code. Called by ``verbs.import_course``
and ``work.verbs.export_course``.
"""
