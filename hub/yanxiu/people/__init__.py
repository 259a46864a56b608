"""Organizations, people and what they hold: rosters, roles, profiles, consent.

``model`` are the tables, ``reads`` the questions, ``verbs`` the changes (one a file), ``pages`` what an
organizer or a teacher sees of them. How somebody proves who they are is ``login``.
"""
