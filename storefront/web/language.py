"""Which language a page speaks: what the reader chose, or else what their browser asks for."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

from flask import Blueprint, Response, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from storefront import visiting
from storefront.core.errors import Invalid
from storefront.core.settings import settings

Language = Literal["zh", "en"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
TAGS: dict[Language, str] = {"zh": "zh-Hans", "en": "en"}
"""For `lang` attributes."""
LOCALES: dict[Language, str] = {"zh": "zh_Hans_CN", "en": "en_GB"}
"""For numbers, money and times, by Babel."""
OWN_NAMES: dict[Language, str] = {"zh": "中文", "en": "English"}

COOKIE_NAME = "language"
COOKIE_SECONDS = 400 * 24 * 60 * 60
LONGEST_HEADER = 200
"""Characters of Accept-Language that are looked at."""

blueprint = Blueprint("language", __name__)


def chosen_language() -> Language:
    """The language for this request's answer."""
    environment = request.environ
    if COOKIE_NAME in environment.get("HTTP_COOKIE", ""):
        chosen = request.cookies.get(COOKIE_NAME)
        for language in LANGUAGES:
            if chosen == language:
                return language
    return _asked_for(environment.get("HTTP_ACCEPT_LANGUAGE", "")[:LONGEST_HEADER])


@lru_cache(maxsize=1024)
def _asked_for(header: str) -> Language:
    # Most crawlers name no language: the chain's own is Chinese.
    wanted = parse_accept_header(header, LanguageAccept).best_match(LANGUAGES, "zh")
    return "en" if wanted == "en" else "zh"


@blueprint.post("/language")
def choose() -> Response:
    """Remember the language for this browser, and go back to where the reader was."""
    visiting.refuse_foreign_pages()
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise Invalid("unknown_language", "We speak Chinese and English.")
    response = Response(status=303, headers={"Location": own_path(request.form.get("back", ""))})
    response.set_cookie(
        COOKIE_NAME,
        language,
        max_age=COOKIE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings().public_base_url.startswith("https:"),
    )
    return response


def own_path(text: str) -> str:
    """`text` if it is a path on this host and nothing else, or the front page's."""
    is_path = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if is_path and text.isprintable() and "\\" not in text else "/"
