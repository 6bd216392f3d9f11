import socket

import pytest

from engine.runtime import ports
from engine.runtime.problems import SetupError

HOST = "127.0.0.1"


def test_a_port_in_use_is_refused_naming_the_address() -> None:
    with socket.create_server((HOST, 0)) as server:
        taken = server.getsockname()[1]
        with pytest.raises(SetupError, match=f"{HOST}:{taken} .*--port"):
            ports.claim(HOST, taken)


def test_port_zero_picks_one_that_can_be_listened_on() -> None:
    with socket.create_server((HOST, ports.claim(HOST, 0))) as server:
        assert server.getsockname()[1] > 0


def test_the_usual_port_gives_way_when_somebody_has_it() -> None:
    free = ports.any_free(HOST)
    assert ports.prefer(HOST, free) == free
    assert ports.prefer(HOST, free, taken=frozenset({free})) != free
    assert ports.prefer(HOST, 70000) <= 65535
    with socket.create_server((HOST, free)):
        assert ports.prefer(HOST, free) != free


def test_an_address_that_is_not_this_machines_is_one_line() -> None:
    with pytest.raises(SetupError, match=r"203\.0\.113\.1") as caught:
        ports.claim("203.0.113.1", 8000)
    assert "\n" not in str(caught.value)
