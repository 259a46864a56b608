"""Check an ID token: signature, issuer, audience, nonce, times. Pure.

oauthenticator reads ID tokens without checking the signature, because they come straight
from the provider. We check everything: the line may end at a county's own proxy.
"""

import hmac
from collections.abc import Sequence
from typing import Any

import jwt

#: Signatures with a key pair only: ``none`` and HMAC with a public key are classic forgeries.
ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
#: Clocks of servers differ.
LEEWAY_S = 60


class BadToken(Exception):
    """The token proves nothing. The message names the check that failed, no content."""


class UnknownKey(BadToken):
    """The token is signed by a key that is not in the list: it may be a new one."""


def check_id_token(
    token: str, keys: Sequence[dict[str, Any]], *, issuer: str, client_id: str, nonce: str
) -> dict[str, Any]:
    """Return the claims of a token that stands every check.

    :param keys: the provider's JSON web keys
    :raises BadToken: it does not
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise BadToken("shape") from None
    if header.get("alg") not in ALGORITHMS:
        raise BadToken("alg")
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            _key(header, keys),
            algorithms=[header["alg"]],
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY_S,
            # The standard says that a subject is a text; several providers send a number.
            options={"require": ["iss", "sub", "aud", "exp", "iat"], "verify_sub": False},
        )
    except jwt.PyJWTError as error:
        raise BadToken(type(error).__name__) from None
    subject = claims["sub"]
    if isinstance(subject, bool) or not isinstance(subject, str | int):
        raise BadToken("sub")
    claims["sub"] = str(subject)
    said = claims.get("nonce")
    if not isinstance(said, str) or not hmac.compare_digest(said.encode(), nonce.encode()):
        raise BadToken("nonce")
    many = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", client_id if not many else None) != client_id:
        raise BadToken("azp")
    return claims


def _key(header: dict[str, Any], keys: Sequence[dict[str, Any]]) -> jwt.PyJWK:
    kid = header.get("kid")
    fitting = [
        key
        for key in keys
        if key.get("use", "sig") == "sig"
        and key.get("kty") != "oct"
        and (kid is None or key.get("kid") == kid)
    ]
    if len(fitting) != 1:
        raise UnknownKey("key")
    try:
        return jwt.PyJWK(fitting[0], algorithm=header["alg"])
    except jwt.PyJWTError:
        raise BadToken("key") from None
