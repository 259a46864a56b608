"""End servers: unused for too long, of somebody who has left, or because an organizer wants it.

``rules`` decides, ``process`` looks and has the hub end them; ``python -m yanxiu.culler`` runs it. When
an unused one ends is ``yanxiu_formats.idle``'s to say, by which the panel in Lab warns.
"""
