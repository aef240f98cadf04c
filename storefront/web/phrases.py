"""What the pages say, in both languages: every phrase stands in `phrases.toml`, side by side."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, cast

from storefront.web.language import Language

FILE = Path(__file__).with_name("phrases.toml")


class Phrase(NamedTuple):
    """One thing to say. Names in braces are filled in."""

    zh: str
    en: str
    en_one: str
    """English for a `count` of one."""

    def say(self, language: Language, values: Mapping[str, object]) -> str:
        """In this language, with the values filled in."""
        if language == "zh":
            text = self.zh
        else:
            text = self.en_one if values.get("count") == 1 else self.en
        return text.format_map(values) if values else text


class Speaker:
    """Says phrases in one language; pages know it as `say`."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language

    def __call__(self, key: str, **values: object) -> str:
        """The phrase with this key, like `cart.title`. KeyError if there is none."""
        return phrases()[key].say(self.language, values)

    def first_of(self, *keys: str) -> str:
        """The first of these phrases that there is. KeyError if there is none."""
        return self(next((key for key in keys if key in phrases()), keys[-1]))


@cache
def phrases() -> dict[str, Phrase]:
    """Every phrase by its key. ValueError if one lacks a language."""
    found: dict[str, Phrase] = {}
    for section, entries in tomllib.loads(FILE.read_text("utf-8")).items():
        for name, entry in cast(dict[str, dict[str, Any]], entries).items():
            found[f"{section}.{name}"] = _phrase(f"{section}.{name}", entry)
    return found


def _phrase(key: str, entry: dict[str, Any]) -> Phrase:
    zh, en = entry.get("zh", ""), entry.get("en", "")
    one = entry.get("en_one", en)
    if not (zh and en and one) or entry.keys() - {"zh", "en", "en_one"}:
        raise ValueError(f"the phrase {key} is not written in both languages")
    return Phrase(zh, en, one)
