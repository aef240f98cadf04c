"""Does a user agent belong to a machine? Crawlers by name, people in in-app browsers by theirs.

Names come from the package crawler-user-agents (some 1,500 patterns). Where a pattern is too wide,
a buyer lost is worse than a visit too many: what looks like a person's browser counts as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from typing import Any, cast

import crawleruseragents

LONGEST_READ = 1000
"""Characters of a user agent that are looked at; the longest crawler known has 285."""

TOO_WIDE = frozenset(
    {
        # The build number of an Android 15 that is sold on millions of telephones; the package has
        # it from one that a scraper was once seen with.
        r"AP3A\.240617\.008",
        # Named below, more narrowly.
        "WhatsApp",
        "Viber",
    }
)
"""Patterns of the package that would take people for crawlers."""

OWN_PATTERNS = (
    # WhatsApp's and its offshoots' preview fetchers: a name, a version, a letter for the platform.
    # The app's own browser goes on with the telephone: "WhatsApp/2.11.102 Android/4.3 Device/…".
    r"^\w*WhatsApp(/[\d.]+([ /][A-Za-z])?)?$",
    # What Viber fetches previews with; its browser says Mozilla and a version.
    r"^Viber$",
    # A crawler with manners gives an address for complaints; browsers have none.
    r"\+https?://",
    r"[Cc]rawler",
)

IN_APP_BROWSERS = re.compile(
    r"""
    MicroMessenger/ | wxwork/ | \bM?QQBrowser/ | \bQQ/\d | [_\b]weibo[_\b] | \bWeibo\b
    | FB_IAB | FBAN/ | FBAV/ | \bInstagram[ ]\d | \bLine/\d | \bDingTalk/\d | AlipayClient/
    | KAKAOTALK[ ]\d | \bTwitter[ ]for[ ] | \bTwitterAndroid\b | Telegram-Android/ | \bViber/\d
    | \[LinkedInApp\] | \bSnapchat/\d | musical_ly | BytedanceWebview/ | \[Pinterest/ | \bZalo\b
    """,
    re.VERBOSE,
)
ROBOTS_WORDS = re.compile(r"https?://|(?<!cu)bot\b|crawl|spider", re.IGNORECASE)
"""What gives a robot away that borrowed an app's name. (Cubot makes telephones.)"""


@lru_cache(maxsize=4096)
def is_crawler(user_agent: str) -> bool:
    """Whether it names a crawler, a link-preview fetcher or another machine.

    Some 50 µs for a string not met lately. An empty one is nobody's name and taken for a person's.
    """
    anywhere, at_start = _patterns()
    if not anywhere.search(user_agent) and not at_start.match(user_agent):
        return False
    in_app = IN_APP_BROWSERS.search(user_agent) is not None
    return not in_app or ROBOTS_WORDS.search(user_agent) is not None


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """All patterns as one to search with, and one that must match at the start.

    Compiled at the first use, in some 0.15 s.
    """
    data = cast(list[dict[str, Any]], crawleruseragents.CRAWLER_USER_AGENTS_DATA)
    known = {str(crawler["pattern"]) for crawler in data}
    return combined([*sorted(known - TOO_WIDE), *OWN_PATTERNS])


NEVER = r"(?!)"
_LITERAL_START = re.compile(r"(?:(?:[^\\\[\](){}?*+|^$.]|\\[^A-Za-z0-9])(?![?*+{]))*")
_CHOICE_START = re.compile(r"\[(\w+)\](?![?*+{])")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]")

Tree = dict[str, "Tree"]


def combined(patterns: Iterable[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Join patterns into two: one to search with, one to match at the start of a text.

    A plain `a|b|c` of 1,500 names tries them all at each character, which takes over a millisecond.
    Names that begin alike share their beginning here, so that nearly all fall at the first letter.
    """
    shared: Tree = {}
    others: list[str] = []
    at_start: list[str] = []
    for pattern in _one_beginning_each(patterns):
        literal = _LITERAL_START.match(pattern)
        if "|" in _BRACKETS.sub("", pattern):
            others.append(f"(?:{pattern})")
        elif pattern.startswith("^"):
            at_start.append(pattern[1:])
        elif literal and literal.group():
            _plant(shared, literal.group(), pattern[literal.end() :])
        else:
            others.append(pattern)
    anywhere = [_written(shared), *others] if shared else others
    return re.compile("|".join(anywhere or [NEVER])), re.compile("|".join(at_start or [NEVER]))


def _one_beginning_each(patterns: Iterable[str]) -> Iterator[str]:
    for pattern in patterns:
        choice = _CHOICE_START.match(pattern)
        if choice:  # "[wW]get" is "wget" and "Wget"
            yield from (letter + pattern[choice.end() :] for letter in choice.group(1))
        elif "(" not in pattern and "[" not in pattern:
            yield from pattern.split("|")
        else:
            yield pattern


def _plant(tree: Tree, literal: str, rest: str) -> None:
    for character in re.sub(r"\\(.)", r"\1", literal):
        tree = tree.setdefault(re.escape(character), {})
    tree[rest] = {}


def _written(tree: Tree) -> str:
    if "" in tree:  # A name ends here: whatever longer one goes on is found with it.
        return ""
    branches = [
        beginning + _written(rest) if rest else beginning for beginning, rest in tree.items()
    ]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
