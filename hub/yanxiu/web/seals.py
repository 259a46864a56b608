"""What the portal and the gate seal their cookies with, made of the site's one secret.

Written with the secret of today, opened with the one before as well, so that a change of it
(``yanxiu secrets rotate``) ends nobody's session. Called by ``web.sessions`` and ``gate.passes``.
"""

import base64
import hashlib

from cryptography.fernet import Fernet, MultiFernet

from yanxiu.settings.rotation import accepted


def seal_for(purpose: bytes, session_key: str) -> MultiFernet:
    """Return the seal of one purpose: what another sealed does not open with it."""
    return MultiFernet([_one(purpose, key) for key in accepted(session_key)])


def _one(purpose: bytes, key: str) -> Fernet:
    digest = hashlib.sha256(purpose + b"\0" + key.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
