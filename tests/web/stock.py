"""A city with something of everything in it, made once, so that every page has its every part to show."""

import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from engine.domain.cycle import commands as c
from engine.domain.deliverables.share import PublicLevel
from engine.domain.lineage.open_cycle import InitiativeAsked, open_initiative
from engine.domain.review.review import Action
from engine.domain.scope import OrgScope, WorkScope
from engine.domain.spread.offers import receivers
from tests.support import city
from tests.support.office import expand
from tests.web.site import ADMIN, CHIEF, MANAGER, OWNER, Site

LONG = "住民票の写しの交付申請で三回書いている氏名と住所を一回にする（Certificates-of-residence, written once）"
"""A title as people write them: it has to break somewhere."""


SECTION: dict[str, Any] = {
    "org_scope": OrgScope.SECTION, "org_unit": "3100", "owner": MANAGER, "work_scope": WorkScope.PROCESS,
}  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """Ids of cycles, one for each thing a page may have to show; `spiral` is an initiative, `hook` a webhook."""

    fresh: str
    transform: str
    realise: str
    share: str
    whole_form: str
    waiting: str
    section_waiting: str
    returned: str
    conditional: str
    held: str
    withdrawn: str
    twice: str
    case: str
    following: str
    spiral: str
    hook: str
    receiver: str


async def stock_up(site: Site) -> Stock:
    """Makes all of it, as people would."""
    office = site.office
    steps = (city.imagine(), city.transform(), city.realise(), city.share())
    at = []
    for passed in range(4):
        cycle = await begin(site, f"{passed} 段階まで")
        for deliverable in steps[:passed]:
            await office.hand_in(cycle, deliverable)
            await office.decide(cycle)
        at.append(cycle)
    whole_form = await begin(site, "課の申請を一枚に", **SECTION)
    await office.give(whole_form, MANAGER, c.SaveDraft(deliverable=city.imagine(city.office_day())))
    section_waiting = await begin(site, "課の窓口を一つに", **SECTION)
    await office.hand_in(section_waiting, city.imagine(city.office_day()))
    waiting = await begin(site, LONG)
    await office.hand_in(waiting, city.imagine())
    await office.give(waiting, CHIEF, c.Ask(text="件数は実測ですか。" * 8))
    await office.give(waiting, OWNER, c.Comment(text="窓口で数えました。" * 8))
    await site.post(OWNER, f"/cycles/{waiting}", f"/cycles/{waiting}/files", files={"file": ("見積.txt", b"1")})
    returned = await begin(site, "差し戻されたもの")
    await office.hand_in(returned, city.imagine())
    await office.decide(returned, Action.RETURN, reason="測定方法を書いてください。")
    conditional = await begin(site, "条件つきのもの")
    await office.hand_in(conditional, city.imagine())
    asked = c.ConditionAsked(text="個人情報の扱いを確かめる", due=office.directory.facts().today)
    await office.decide(conditional, Action.APPROVE_WITH_CONDITIONS, conditions=(asked,))
    held = await begin(site, "保留のもの")
    await office.hand_in(held, city.imagine())
    await office.decide(held, Action.HOLD, hold_until="2099-04-01", reason="予算が決まってから")
    pulled = await begin(site, "引き上げたもの")
    await office.hand_in(pulled, city.imagine())
    await office.decide(pulled, Action.APPROVE, MANAGER, reason="係長が出張のため", pull_up=True)
    withdrawn = await begin(site, "取り下げたもの")
    await office.give(withdrawn, OWNER, c.Withdraw(reason="ほかの取組に含めた"))
    first = await begin(site, "届かせる窓口")
    shared = city.share(expand(OrgScope.UNIT, WorkScope.TASK)).model_copy(update={"public_level": PublicLevel.PUBLIC})
    await office.turn(first, shared)
    following = (await office.there(f"{first}.1")).cycle_id
    await office.hand_in(following, city.imagine(city.office_day()))
    receiver = await _offered(site, first)
    return Stock(
        fresh=at[0], transform=at[1], realise=at[2], share=at[3], whole_form=whole_form, waiting=waiting,
        section_waiting=section_waiting, returned=returned, conditional=conditional, held=held, withdrawn=withdrawn,
        twice=await _twice(site), case=first, following=following, spiral=office.state(first).initiative_id,
        hook=await _hook(site), receiver=receiver,
    )  # fmt: skip


async def begin(
    site: Site,
    title: str,
    *,
    org_scope: OrgScope = OrgScope.INDIVIDUAL,
    org_unit: str = "3110",
    owner: str = OWNER,
    work_scope: WorkScope = WorkScope.TASK,
) -> str:
    """A new initiative of the sample city; gives its first cycle's id."""
    facts = site.office.directory.facts()
    asked = InitiativeAsked(
        title=title, org_scope=org_scope, org_unit=org_unit, work_scope=work_scope, startup="SL-07"
    )
    opened = open_initiative(
        asked, initiative_id=f"i{uuid4().hex[:10]}", owner=owner, organisation=facts.organisation,
        edition=facts.edition, on=facts.today,
    )  # fmt: skip
    await site.office.gateway.start(opened, actor=owner, command_id=uuid4().hex, fingerprint="start")
    return opened.cycle_id


async def _twice(site: Site) -> str:
    cycle = await begin(site, "二度提出したもの")
    first = city.imagine()
    await site.office.hand_in(cycle, first)
    await site.office.give(cycle, OWNER, c.PullBack())
    fewer = first.metrics[0].model_copy(update={"target": 1.5})
    await site.office.hand_in(cycle, first.model_copy(update={"metrics": (fewer,), "ideal_statement": "一度で済む"}))
    return cycle


async def _offered(site: Site, case: str) -> str:
    """Offers the case to another unit; gives who may answer."""
    await site.post(
        OWNER, f"/library/{case}", f"/library/{case}/offers", {"org_units": "3210", "message": "うちで効きました"}
    )
    facts = site.office.directory.facts()
    return receivers("3210", facts.organisation, facts.today)[0].person_id


async def _hook(site: Site) -> str:
    await site.post(ADMIN, "/admin/webhooks", "/admin/webhooks", {"url": "http://127.0.0.1:9/" + "far/" * 20})
    page = await site.get(ADMIN, "/admin/webhooks")
    found = re.search(r"/admin/webhooks\?log=([^\"]+)", page.text)
    assert found, page.text
    await site.post(ADMIN, "/admin/webhooks", f"/admin/webhooks/{found[1]}", {"action": "pause"})
    return found[1]
