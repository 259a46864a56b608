"""What every page needs: who asks, forms, errors, headers, bodies, limits, the layout.

Knows no capability: what it needs of one (who somebody is, whose a token is) stands in
``service``, and ``portal.app`` puts it there.
"""
