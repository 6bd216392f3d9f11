"""A sheet as PDF: A4, with the Japanese font that an installed package carries, only the glyphs that are used.

Nothing is fetched, and no charting library is imported for its font.
"""

import importlib.util
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from engine.sheets.sheets import Grid, Line, Sheet

FAMILY = "ja"
_LABEL, _MARGIN, _SIZE, _LINE = 46, 16, 9.5, 5.2


@lru_cache(maxsize=1)
def font_file() -> Path:
    """IPAex Gothic, as matplotlib-fontja ships it; found without importing that package.

    Raises:
        RuntimeError: the package is not installed whole.
    """
    spec = importlib.util.find_spec("matplotlib_fontja")
    if spec is not None and spec.origin is not None:
        found = Path(spec.origin).parent / "fonts" / "ipaexg.ttf"
        if found.is_file():
            return found
    raise RuntimeError("the Japanese font of matplotlib-fontja is not installed")


class _Paper(FPDF):
    def __init__(self, sheet: Sheet) -> None:
        super().__init__(format="A4")
        self._sheet = sheet
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=18)
        self.add_font(FAMILY, fname=font_file())
        self.set_font(FAMILY, size=_SIZE)

    def drawn(self, text: str) -> str:
        """What the font can draw; for the rest 〓, as Japanese printers do for a missing type."""
        known = getattr(self.fonts[FAMILY], "cmap", {})
        return "".join(one if ord(one) in known or one == "\n" else "〓" for one in text.replace("\r\n", "\n"))

    def footer(self) -> None:
        """The number of the sheet, and the page."""
        self.set_y(-13)
        self.set_font(FAMILY, size=8)
        self.set_text_color(70)
        self.cell(0, 5, f"{self._sheet.title}  {self._sheet.number}")
        self.set_x(_MARGIN)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="R")
        self.set_text_color(0)


def pdf(sheet: Sheet, made_at: datetime) -> bytes:
    """The sheet's pages; the same sheet and time give the same bytes."""
    paper = _Paper(sheet)
    paper.set_title(f"{sheet.title} {paper.drawn(sheet.subject)}")
    paper.set_lang("ja-JP" if sheet.language == "ja" else "en")
    paper.set_creator("DX Spiral")
    paper.set_creation_date(made_at)
    paper.add_page()
    paper.set_font(FAMILY, size=17)
    paper.cell(0, 11, sheet.title, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.set_font(FAMILY, size=12)
    paper.multi_cell(0, 7, paper.drawn(sheet.subject), align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    for section in sheet.sections:
        _heading(paper, section.title)
        for line in section.lines:
            _line(paper, line)
        if section.grid is not None and section.grid.rows:
            _grid(paper, section.grid)
    return bytes(paper.output())


def _heading(paper: _Paper, title: str) -> None:
    if paper.will_page_break(20):
        paper.add_page()
    paper.ln(3)
    paper.set_font(FAMILY, size=11)
    paper.set_fill_color(232)
    paper.cell(0, 7, f" {title}", fill=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    paper.ln(1)
    paper.set_font(FAMILY, size=_SIZE)


def _line(paper: _Paper, line: Line) -> None:
    if paper.will_page_break(_LINE * 2):
        paper.add_page()
    indent, top, page = 4 * min(line.depth, 4), paper.get_y(), paper.page_no()
    paper.set_x(_MARGIN + indent)
    paper.set_text_color(70)
    paper.multi_cell(_LABEL - indent, _LINE, line.label, align="L", new_x=XPos.RIGHT, new_y=YPos.TOP)
    below = top + _LINE * -(-int(paper.get_string_width(line.label) + 2) // (_LABEL - indent))
    paper.set_text_color(0)
    paper.set_xy(_MARGIN + _LABEL, top)
    paper.multi_cell(0, _LINE, paper.drawn(line.text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    if paper.page_no() == page:
        paper.set_y(max(paper.get_y(), below))


def _grid(paper: _Paper, grid: Grid) -> None:
    paper.ln(1)
    paper.set_font(FAMILY, size=8.5)
    plain = FontFace(emphasis=None, fill_color=242)
    with paper.table(line_height=_LINE, text_align="LEFT", headings_style=plain) as table:
        for cells in (grid.heading, *grid.rows):
            row = table.row()
            for cell in cells:
                row.cell(paper.drawn(cell))
    paper.set_font(FAMILY, size=_SIZE)
