"""Asking to give goods back, on the order's own page."""

from __future__ import annotations

from flask import Blueprint, Response, request

from storefront import visiting
from storefront.core import clock
from storefront.core.errors import Conflict, Invalid, TooLarge
from storefront.orders import return_requests
from storefront.orders.models import ReturnReason
from storefront.web import pages
from storefront.web.forms import sent
from storefront.web.language import chosen_language
from storefront.web.phrases import Speaker
from storefront.web.shopper.choosing import pieces_of
from storefront.web.shopper.order import shown

blueprint = Blueprint("giving_back", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)

MOST_LINES = 200


@blueprint.post("/o/<secret>/return")
def ask(secret: str) -> Response:
    """Ask to give goods back, by line and pieces, with a reason and perhaps a picture."""
    say = Speaker(chosen_language())
    typed = {name: request.form.get(name, "")[:2_000] for name in request.form}
    words = sent("words", return_requests.LONGEST_WORDS + 1).replace("\r\n", "\n").strip()
    pieces, problems = _pieces(say)
    reason = _reason()
    if reason is None:
        problems.append(("reason", say("giving_back.reason_missing")))
    if len(words) > return_requests.LONGEST_WORDS:
        most = return_requests.LONGEST_WORDS
        problems.append(("words", say("giving_back.words_long", most=most)))
    if problems or reason is None:
        return shown(secret, problems, 422, typed)
    now = clock.now()
    try:
        # Before a picture is taken in: nobody leaves one here who may not ask.
        return_requests.check(secret, pieces, now)
        picture_id = _picture(say, problems)
        if problems:
            return shown(secret, problems, 422, typed)
        return_requests.ask(secret, pieces, reason, words, picture_id, now)
    except (Conflict, Invalid) as refusal:
        why = say.first_of(f"giving_back.{refusal.code}", "giving_back.not_now")
        return shown(secret, [("giving-back", why)], 409, typed)
    return pages.see_other(f"/o/{secret}")


@blueprint.post("/o/<secret>/return/withdraw")
def withdraw(secret: str) -> Response:
    """Keep the goods after all."""
    try:
        return_requests.withdraw(secret, clock.now())
    except Conflict:
        say = Speaker(chosen_language())
        return shown(secret, [("giving-back", say("giving_back.request_over"))], 409)
    return pages.see_other(f"/o/{secret}")


def _pieces(say: Speaker) -> tuple[dict[int, int], list[tuple[str, str]]]:
    """The pieces by line position, and what is wrong with the numbers."""
    pieces: dict[int, int] = {}
    problems: list[tuple[str, str]] = []
    for name in list(request.form)[:MOST_LINES]:
        position = name.removeprefix("line-")
        if position == name or not (position.isascii() and position.isdigit()):
            continue
        count = pieces_of(request.form[name].strip() or "0", least=0)
        if count is None:
            problems.append((name, say("giving_back.pieces_wrong")))
        elif count:
            pieces[int(position[:6])] = count
    if not pieces and not problems:
        problems.append(("giving-back", say("giving_back.nothing_chosen")))
    return pieces, problems


def _reason() -> ReturnReason | None:
    try:
        return ReturnReason(sent("reason"))
    except ValueError:
        return None


def _picture(say: Speaker, problems: list[tuple[str, str]]) -> int | None:
    """Keep the picture that came along, made anew; None without one."""
    upload = request.files.get("picture")
    content = upload.read() if upload else b""
    if not content:
        return None
    # Few ever send a picture: a process that none was sent to does without Pillow's memory.
    from storefront.core.imaging import keep_picture

    try:
        return keep_picture(content).id
    except TooLarge:
        problems.append(("picture", say("giving_back.picture_large")))
    except Invalid:
        problems.append(("picture", say("giving_back.picture_wrong")))
    return None
