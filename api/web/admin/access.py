"""Who may enter the rooms of administration."""

from typing import Annotated

from fastapi import Depends

from api.web.frame.page import Member, MemberVisit


def administrator(visit: Member) -> MemberVisit:
    """The visit of an administrator; anybody else gets `admin_only`."""
    visit.caller.must_be_admin()
    return visit


Admin = Annotated[MemberVisit, Depends(administrator)]
