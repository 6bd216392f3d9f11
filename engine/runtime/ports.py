"""Which ports are free, asked before anything is started. Must not know what listens where."""

import errno
import socket
from contextlib import closing

from engine.language.catalogues import both
from engine.runtime.problems import SetupError


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now.

    Raises:
        SetupError: the address is none of this machine's, or the port is reserved to the administrator.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        # As servers do: connections of an earlier run that are still closing are no reason to wait.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise SetupError(
                *both("cannot listen on {host}:{port}: {why}", host=host, port=port, why=error.strerror or error)
            ) from error
    return True


def any_free(host: str) -> int:
    """A port that nobody uses at this moment, of the machine's choosing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def claim(host: str, port: int) -> int:
    """The port asked for, or any free one for 0.

    Raises:
        SetupError: somebody listens there already; the line names the address.
    """
    if port == 0:
        return any_free(host)
    if not is_free(host, port):
        raise SetupError(
            *both(
                'port {host}:{port} is in use; choose another with --port N (make up ARGS="--port N")',
                host=host,
                port=port,
            ),
        )
    return port


def prefer(host: str, port: int, *, taken: frozenset[int] = frozenset()) -> int:
    """The usual port if it is free, else any."""
    if 0 < port <= 65535 and port not in taken and is_free(host, port):
        return port
    while (chosen := any_free(host)) in taken:
        pass
    return chosen
