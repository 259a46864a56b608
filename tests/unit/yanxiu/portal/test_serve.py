"""Several processes on one port: each gets its share, and nobody else gets in by accident."""

import socket

import pytest
from yanxiu.portal.serve import listen

HOST = "127.0.0.1"


def test_connections_are_dealt_out_and_a_stranger_is_refused():
    first = listen(HOST, 0)
    port = first.getsockname()[1]
    second = listen(HOST, port)
    clients = [socket.create_connection((HOST, port)) for _ in range(100)]
    got = []
    for one in (first, second):
        one.settimeout(0.2)
        count = 0
        try:
            while True:
                one.accept()[0].close()
                count += 1
        except TimeoutError:
            got.append(count)
    assert sum(got) == 100
    assert min(got) > 10
    with socket.socket() as stranger, pytest.raises(OSError):
        stranger.bind((HOST, port))
    for one in (first, second, *clients):
        one.close()
