"""Is this statement real? A page for whoever was shown one, and the keys to check it without us.

A code is the only way in: nothing is listed, and who guesses is slowed down.
"""

from __future__ import annotations

import logging

import orjson
from flask import Blueprint, Response, request

from storefront.commissions import proof, statements
from storefront.commissions.issuing import CODE_LENGTH
from storefront.commissions.statement_models import Statement
from storefront.core import clock
from storefront.core.errors import NotFound
from storefront.core.ids import ALPHABET
from storefront.core.settings import settings
from storefront.core.times import as_rfc3339
from storefront.integrations.running import key_ring
from storefront.staff import attempts
from storefront.web import formats, pages
from storefront.web.language import chosen_language
from storefront.web.phrases import Speaker

log = logging.getLogger(__name__)

UNKNOWN_CODES = 30
"""How many codes that are none one caller may try within a quarter of an hour."""

JSON = "application/json"

blueprint = Blueprint("verify", __name__)


@blueprint.get("/verify")
def ask() -> Response:
    """Ask for a code, for who has it on paper."""
    given = request.args.get("code", "")
    if given:
        return pages.see_other(f"/verify/{_plain(given) or 'unknown'}")
    return pages.answer(pages.render("proof/ask.html"))


@blueprint.get("/verify/keys.json")
def show_keys() -> Response:
    """The public halves of every key that ever signed a statement, as a JSON Web Key Set."""
    chosen = settings()
    keys = [
        {
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": key.id,
            "x": key.x,
            "retired": key.retired,
            "hex": key.raw.hex(),
            "pem": key.pem,
        }
        for key in key_ring().published
    ]
    issuer = {"zh": chosen.chain_name_zh, "en": chosen.chain_name_en}
    response = Response(orjson.dumps({"issuer": issuer, "keys": keys}), content_type=JSON)
    response.headers["Cache-Control"] = "public, max-age=300"
    return response


@blueprint.get("/verify/<code>")
def show(code: str) -> Response:
    """Whether the statement with this code is genuine, and still stands."""
    statement = _find(code)
    genuine = proof.is_genuine(statement)
    if not genuine:
        log.error("statement %s is not what was signed", statement.id)
    say = Speaker(chosen_language())
    language = say.language
    heading, words = _verdict(statement, say, genuine=genuine)
    shown = genuine and statement.show_total
    return pages.answer_secretly(
        pages.render(
            "proof/verify.html",
            language,
            path=f"/verify/{statement.code}",
            statement=statement,
            heading=heading,
            words=words,
            genuine=genuine,
            stands=genuine and statement.revoked_at is None,
            initials=proof.initials(statement.employee_name),
            total=formats.money(proof.total_of(statement), statement.currency, language)
            if shown
            else None,
            span=say(
                "verify.span",
                start=formats.moment(statement.period.starts_at, language),
                end=formats.moment(statement.period.ends_at, language),
                zone=settings().chain_time_zone,
            ),
            issued=formats.moment(statement.issued_at, language),
            code=proof.spaced(statement.code),
        )
    )


@blueprint.get("/verify/<code>/proof")
def download(code: str) -> Response:
    """What is signed, and the signature, to be checked without us."""
    statement = _find(code)
    given = proof.proof_of(statement)
    revoked_at = statement.revoked_at
    document = {
        "payload": given.payload,
        "signature": given.signature,
        "key_id": given.key_id,
        "algorithm": "Ed25519",
        "keys": f"{settings().public_base_url}/verify/keys.json",
        # Not signed: only this address knows what has happened since.
        "revoked_at": as_rfc3339(revoked_at) if revoked_at else None,
    }
    response = Response(orjson.dumps(document, option=orjson.OPT_INDENT_2), content_type=JSON)
    name = f"statement-{statement.period.name}-{statement.code[:4]}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _find(given: str) -> Statement:
    """The statement; a code that is none is counted against who tries it.

    Raises NotFound `statement_not_found`, TooMany `too_many_attempts`.
    """
    code = _plain(given)
    # What cannot be a code is no guess, only a mistake in copying.
    if len(code) != CODE_LENGTH or set(code) - set(ALPHABET):
        raise NotFound("statement_not_found", "There is no such statement.")
    try:
        return statements.find(code)
    except NotFound:
        caller = request.remote_addr or "unknown"
        budget = attempts.door_budget("verify", caller, UNKNOWN_CODES)
        attempts.charge([budget], clock.now())
        raise


def _plain(given: str) -> str:
    """A code as somebody may write it down: in capitals, with spaces or hyphens."""
    return "".join(each for each in given.lower() if each.isascii() and each.isalnum())


def _verdict(statement: Statement, say: Speaker, *, genuine: bool) -> tuple[str, str]:
    chain = pages.chain_name(say.language)
    if not genuine:
        return say("verify.false"), say("verify.false_words", chain=chain)
    if statement.revoked_at is None:
        return say("verify.genuine"), say("verify.genuine_words", chain=chain)
    at = formats.moment(statement.revoked_at, say.language)
    if statement.replaced_by_id is not None:
        return say("verify.replaced"), say("verify.replaced_words", chain=chain, at=at)
    return say("verify.revoked"), say("verify.revoked_words", chain=chain, at=at)
