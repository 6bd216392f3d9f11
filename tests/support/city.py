"""A very small city and complete deliverables, enough to take a cycle up the whole ladder."""

from datetime import UTC, date, datetime, timedelta

from engine.domain.deliverables import Imagine, Realise, Share, Transform
from engine.domain.organisation.organisation import (
    Absence,
    Duty,
    Organisation,
    Person,
    Post,
    PostRole,
    Unit,
    UnitLevel,
)

HEAD, STAFF, DEPUTY = PostRole.HEAD, PostRole.STAFF, PostRole.DEPUTY
OWNER, UNIT_CHIEF, SECTION_HEAD, DIRECTOR, CDO, MAYOR = "owner", "chief", "manager", "director", "cdo", "mayor"
OTHER, PROXY, ADMIN = "other", "proxy", "admin"


def _post(person: str, unit: str, role: PostRole, *duties: Duty) -> Post:
    return Post(person_id=person, unit_code=unit, title=role.value, role=role, duties=duties)


def organisation(*absences: Absence) -> Organisation:
    """全庁 C, 部 D, 課 S, 係 U; next to them section S2 with unit U2."""
    units = (
        Unit(code="C", name_ja="全庁", name_en="City", level=UnitLevel.CITYWIDE),
        Unit(code="D", name_ja="市民部", name_en="Citizens", level=UnitLevel.DEPARTMENT, parent_code="C"),
        Unit(code="S", name_ja="市民課", name_en="Registry", level=UnitLevel.SECTION, parent_code="D"),
        Unit(code="U", name_ja="窓口係", name_en="Counter", level=UnitLevel.UNIT, parent_code="S"),
        Unit(code="S2", name_ja="保険課", name_en="Insurance", level=UnitLevel.SECTION, parent_code="D"),
        Unit(code="U2", name_ja="給付係", name_en="Benefits", level=UnitLevel.UNIT, parent_code="S2"),
    )
    posts = (
        _post(MAYOR, "C", HEAD),
        _post(CDO, "C", DEPUTY, Duty.CDO),
        _post(DIRECTOR, "D", HEAD),
        _post(SECTION_HEAD, "S", HEAD),
        _post(UNIT_CHIEF, "U", HEAD),
        _post(OWNER, "U", STAFF),
        _post(OTHER, "U2", STAFF),
        _post(PROXY, "U", STAFF),
        _post(ADMIN, "C", STAFF, Duty.ADMIN),
    )
    names = sorted({post.person_id for post in posts})
    people = tuple(Person(person_id=name, name=name, email=f"{name}@example.jp") for name in names)
    return Organisation(units=units, people=people, posts=posts, absences=absences)


def away(person: str, proxy: str | None = None, first: str = "2020-01-01", last: str = "2099-12-31") -> Absence:
    return Absence(person_id=person, first=date.fromisoformat(first), last=date.fromisoformat(last), proxy=proxy)


def away_now(proxy: str | None = PROXY) -> dict[str, str | None]:
    """An absence around today, as it is asked for over HTTP."""
    today = date.today()  # noqa: DTZ011 - a month on either side holds in any zone
    month = timedelta(days=30)
    return {"from": (today - month).isoformat(), "to": (today + month).isoformat(), "proxy": proxy}


def imagine(measured_on: str = "2026-04-10") -> Imagine:
    """Complete for every profile; a larger scope measures its baseline after its cycle began (`office_day`)."""
    return Imagine.model_validate(
        {
            "ideal_statement": "住民票が、来なくても届く",
            "challenged_assumptions": [{"text": "窓口に来るもの", "kind": "habit"}],
            "beneficiaries": ["市民"],
            "as_is": {"cases_per_year": 1200, "minutes_per_case": 30},
            "metrics": [
                {
                    "code": "minutes", "name": "処理時間", "unit": "分/件", "direction": "down", "kind": "outcome",
                    "baseline": 30, "measured_on": measured_on, "method": "計測", "target": 10, "due": "2026-12-01",
                }
            ],
            "user_evidence": [{"kind": "survey", "n": 80}],
            "left_behind": {"groups": ["高齢者"], "offline_route": "窓口も残す", "support": "電話で手伝う"},
        }
    )  # fmt: skip


def transform() -> Transform:
    return Transform.model_validate(
        {
            "changes": [{"kind": "abolish", "what": "転記をやめる", "before": "三回書く", "after": "一回書く"}],
            "to_be": {"minutes_per_case": 10},
            "difficulty": "low",
            "actions": [{"what": "様式を直す", "who": OWNER, "due": "2026-09-01", "status": "done"}],
            "trials": [
                {
                    "from": "2026-06-01", "to": "2026-06-30", "place": "窓口", "participants": 3, "cases": 40,
                    "learned": "順番が大事", "decision": "adopt",
                }
            ],
            "cost_initial_yen": 0, "cost_running_yen": 0, "effort_hours": 20,
            "checks": {"security": "ok", "privacy": "na", "accessibility": "ok"},
            "rollback": "元の様式に戻す",
        }
    )  # fmt: skip


def office_day() -> str:
    """Today in the office, as an ISO date."""
    return (datetime.now(UTC) + timedelta(hours=9)).date().isoformat()


def realise(minutes: float = 12, cases: float = 1000) -> Realise:
    return Realise.model_validate(
        {
            "results": [
                {
                    "metric": "minutes", "value": minutes, "from": "2026-07-01", "to": "2026-08-15", "n": 100,
                    "same_method": True,
                }
            ],
            "actual": {"cases_per_year": cases, "minutes_per_case": minutes},
            "satisfaction": [{"who": "citizen", "score": 4.5, "n": 50}],
            "voices": [{"who": "citizen", "text": "早くなった"}],
            "side_effects": "なし", "complaints": 0, "offline_users": 12, "observation_days": 45,
            "verdict": "achieved", "decision": "adopt",
        }
    )  # fmt: skip


def share(*following: dict[str, object]) -> Share:
    return Share.model_validate(
        {
            "case": {
                "summary": "転記をやめた", "before": "30分", "after": "12分", "conditions_to_copy": "様式",
                "hard_parts": "説明",
            },
            "core_elements": ["一度だけ書く"],
            "adaptable_elements": ["様式の色"],
            "lessons_failed": "最初の様式は字が小さかった",
            "audience": "全課",
            "public_level": "internal",
            "sharing_events": [{"kind": "発表会", "on": "2026-09-10", "attendees": 30}],
            "next": list(following) or [{"kind": "close", "reason": "完了"}],
        }
    )  # fmt: skip


def long_imagine(letters: int = 60_000) -> Imagine:
    """Complete, and about as long as a form may be: three bytes for each letter."""
    assumptions = [{"text": "長" * 1000, "kind": "habit"} for _ in range(letters // 1000)]
    return Imagine.model_validate(imagine().model_dump(by_alias=True) | {"challenged_assumptions": assumptions})
