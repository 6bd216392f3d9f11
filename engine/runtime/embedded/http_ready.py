"""Does the API answer? Asks its `/readyz`, and stands on the standard library alone: health checks ask all day."""

import asyncio
import http.client


async def http_ready(host: str, port: int, path: str = "/readyz") -> bool:
    """Whether a GET of that path answers 200."""
    return await asyncio.to_thread(_get_is_ok, host, port, path)


def _get_is_ok(host: str, port: int, path: str) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
