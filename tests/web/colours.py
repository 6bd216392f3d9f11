"""What axe says about colours: asked only of what looks like nothing that it has found sound in this session.

Contrast is a matter of style. Pages of one style sheet show the same few hundred ways of looking again and again, and
to find what lies behind each text is most of what axe does. The long run asks for everything on every page.
"""

from pathlib import Path

from playwright.async_api import Page

COLOURS = Path(__file__).with_name("colours.js").read_text(encoding="utf-8")
OF_COLOUR = ("color-contrast", "link-in-text-block")
"""The rules that read colours; all others say the same in every theme."""
RULES: dict[str, object] = {"runOnly": OF_COLOUR, "resultTypes": ["violations", "incomplete"], "reporter": "v2"}


async def of_colours(page: Page, sound: set[str], theme: str) -> list[str]:
    """What is wrong with the colours of a theme, which stays.

    Args:
        sound: the ways of looking that need not be judged again; those that are found sound here are added. What axe
            cannot judge or finds wrong is not.
    """
    looks: list[str] = await page.evaluate(f"(window.colours ??= {COLOURS}).looks('{theme}')")
    new = [one for one in looks if one not in sound]
    if not new:
        return []
    said, unsure = await page.evaluate("([looks, rules]) => window.colours.judged(looks, rules)", [new, RULES])
    if not said:
        sound.update(set(new) - set(unsure))
    return list(said)
