"""Whose token is used for what, and from where."""

import pytest
from nbgrader_yanxiu import tokens
from nbgrader_yanxiu.errors import NotConnected


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / ".config/yanxiu/token"
    path.parent.mkdir(parents=True)
    path.write_text("from-the-file\n")
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "environ, learning, teaching",
    [
        ({"JUPYTERHUB_API_TOKEN": "server"}, "server", None),
        ({"YANXIU_TOKEN": "own"}, "own", "own"),
        ({"JUPYTERHUB_API_TOKEN": "server", "YANXIU_TOKEN": "own"}, "server", "own"),
        ({}, None, None),
    ],
)
def test_a_servers_token_learns_and_never_teaches(tmp_path, environ, learning, teaching):
    environ = {"HOME": str(tmp_path), **environ}
    for look, wanted in ((tokens.learning, learning), (tokens.teaching, teaching)):
        if wanted is None:
            with pytest.raises(NotConnected):
                look(environ)
        else:
            assert look(environ) == wanted


def test_a_file_is_read_at_home_or_where_it_is_said(tmp_path, token_file):
    assert tokens.teaching({"HOME": str(tmp_path)}) == "from-the-file"
    elsewhere = tmp_path / "elsewhere"
    token_file.rename(elsewhere)
    assert tokens.teaching({"YANXIU_TOKEN_FILE": str(elsewhere)}) == "from-the-file"
    with pytest.raises(NotConnected, match="YANXIU_TOKEN_FILE"):
        tokens.teaching({"YANXIU_TOKEN_FILE": str(token_file)})


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_may_touch_is_not_used(tmp_path, token_file, mode):
    token_file.chmod(mode)
    with pytest.raises(NotConnected, match="chmod 600") as caught:
        tokens.teaching({"HOME": str(tmp_path)})
    assert "from-the-file" not in str(caught.value)
