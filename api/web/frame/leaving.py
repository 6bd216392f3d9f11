"""What the browser is told when somebody signs out, so that the next one at that desk finds nothing of theirs."""

from starlette.responses import Response

CLEAR = '"cache", "storage"'
"""Clear-Site-Data (W3C): pages kept for *back*, and whatever was stored. Cookies stay: how one likes to see pages."""


def cleared(response: Response) -> Response:
    """The same answer, after which the browser forgets."""
    response.headers["Clear-Site-Data"] = CLEAR
    return response
