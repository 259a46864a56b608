"""Which subjects an ID token may name: texts, and the numbers that several providers send."""

import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from yanxiu.login.claims import read_claims
from yanxiu.login.oidc import OidcProvider
from yanxiu.login.oidc_token import BadToken, check_id_token
from yanxiu.settings.sso import OidcSettings

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
KEYS = [json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": "k"}]
WANTED = {"issuer": "https://id.example.cn", "client_id": "yanxiu", "nonce": "n" * 20}
SETTINGS = OidcSettings.model_validate(
    {"kind": "oidc", "title": {"zh_CN": "县"}, "issuer": WANTED["issuer"], "client_id": "yanxiu"}
)


def token(**more):
    now = int(time.time())
    claims = {
        "iss": WANTED["issuer"],
        "aud": "yanxiu",
        "nonce": WANTED["nonce"],
        "iat": now,
        "exp": now + 60,
    }
    return jwt.encode({**claims, **more}, KEY, algorithm="RS256", headers={"kid": "k"})  # fmt: skip


@pytest.mark.parametrize(
    ("said", "subject"),
    [("a-1", "a-1"), (42, "42"), (10**18, str(10**18)), (0, "0"), (-7, "-7"), ("42", "42")],
)
def test_a_subject_is_a_text_or_a_number(said, subject):
    found = check_id_token(token(sub=said), KEYS, **WANTED)
    assert found["sub"] == subject
    assert read_claims(found, SETTINGS).subject == subject


@pytest.mark.parametrize("said", [None, True, False, 1.5, [42], {"id": 42}])
def test_anything_else_is_no_subject(said):
    with pytest.raises(BadToken):
        check_id_token(token(sub=said), KEYS, **WANTED)
    with pytest.raises(BadToken):
        check_id_token(token(), KEYS, **WANTED)


class Told(OidcProvider):
    """A provider whose user info is given: the real one of these tests sends texts alone."""

    said: object = None

    async def token_to_user(self, token_info):
        return {"sub": self.said, "name": "艾老师"}


@pytest.mark.parametrize("said", [42, "42"])
async def test_the_user_info_is_of_the_same_number(said):
    ours = Told(SETTINGS, "secret")
    ours.said = said
    answer = await ours._info({"access_token": "x"}, {"sub": "42"}, subject="42")
    assert read_claims(answer.raw, SETTINGS).subject == answer.keep["subject"] == "42"


@pytest.mark.parametrize("said", [43, "43", 4.2, True, None])
async def test_the_user_info_of_somebody_else_is_refused(said):
    ours = Told(SETTINGS, "secret")
    ours.said = said
    with pytest.raises(BadToken, match="userinfo"):
        await ours._info({"access_token": "x"}, {"sub": "42"}, subject="42")
