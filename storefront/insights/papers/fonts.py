"""The font that papers are printed in: Noto Sans SC, which has Chinese and Latin letters.

It comes as a file in a package of its own (requirements-fonts.txt) under the SIL Open Font License,
which allows it to be embedded in documents. Nothing of that package is imported.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from storefront.core.errors import Unavailable

PACKAGE = "zhplot"
FILE = Path("fonts") / "NotoSansSC-Regular.ttf"


@cache
def font_file() -> Path:
    """Where the font lies.

    Raises Unavailable `font_missing` where it was not installed: half of the names on a paper
    would be empty boxes, so there is none. Everything but the PDF works without.
    """
    found = find_spec(PACKAGE)
    for folder in (found.submodule_search_locations if found else None) or []:
        path = Path(folder) / FILE
        if path.is_file():
            return path
    raise Unavailable(
        "font_missing",
        "The font that statements are printed in is not installed here; the page and the JSON show"
        " the same. Install it with: pip install --require-hashes --no-deps"
        " --requirement requirements-fonts.txt",
    )
