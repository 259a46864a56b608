"""The records service: the one source of truth for people, courses, work and hours.

``app`` > ``http`` > ``workflows`` (one verb a file) > ``permissions | policies | states``.
Handlers translate between HTTP and verbs, verbs decide nothing that a rule module could,
and only ``yanxiu.store`` talks to the database.
"""
