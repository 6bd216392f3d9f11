"""`spiral migrate`, `spiral token`, `spiral import …`: setting a city up, all or nothing."""

from pathlib import Path
from typing import Annotated

import typer

BY = "spiral import"
"""Who put a document in force, when it came by command line."""

Place = Annotated[Path, typer.Argument(help="ファイルまたはフォルダー / file or folder", show_default=False)]
imports = typer.Typer(help="組織・ロードマップ・決裁規程の取り込み / organisation, roadmap, approval policy")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(migrate)
    app.command()(token)
    app.add_typer(imports, name="import")
