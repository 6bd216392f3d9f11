"""Who may enter the rooms of administration."""

from typing import Annotated

from fastapi import Depends

from api.web.frame.page import Member, MemberVisit
from api.web.frame.proof import must_be_proven


def administrator(visit: Member) -> MemberVisit:
    """The visit of an administrator; anybody else gets `admin_only`."""
    visit.caller.must_be_admin()
    must_be_proven(visit, visit.request.url.path if visit.request.method == "GET" else "/admin")
    return visit


Admin = Annotated[MemberVisit, Depends(administrator)]
