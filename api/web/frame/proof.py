"""Asking again who somebody is: before what weighs, after a pause, where an identity provider can be asked.

Must not know what weighs; the pages say so, and the domain says it of decisions.
"""

from api.web.frame.page import MemberVisit, SignInNeededError


class ProofNeededError(SignInNeededError):
    """The provider is to ask who it is once more; afterwards they go on to `following`."""


def must_be_proven(visit: MemberVisit, following: str) -> None:
    """Raises `ProofNeededError` after a pause, for who came in through the provider."""
    if visit.session.paused and visit.session.provider and visit.desk.settings.oidc_issuer is not None:
        raise ProofNeededError(following)
