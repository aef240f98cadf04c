"""The sandbox gateway's own pay page.

It belongs to the outside party that the sandbox plays: it knows the shop only by the charge it was
given, and tells it what happened by a signed notice.
"""

from __future__ import annotations

import contextvars
import logging

from flask import Blueprint, Response, current_app, request
from werkzeug.test import Client

from storefront import visiting
from storefront.core import clock
from storefront.core.database import db
from storefront.core.errors import Invalid, NotFound
from storefront.core.settings import settings
from storefront.integrations.payments.base import ChargeRequest
from storefront.integrations.payments.sandbox import SignedNotice
from storefront.integrations.running import sandbox
from storefront.web import formats, pages
from storefront.web.language import chosen_language

log = logging.getLogger(__name__)

NOTICES = "/api/v1/partner/gateways/sandbox/notices"

blueprint = Blueprint("sandbox_gateway", __name__)
blueprint.before_request(visiting.refuse_foreign_pages)


@blueprint.get("/sandbox/pay/<token>")
def show(token: str) -> Response:
    """What is to be paid, and the two ways in which it can end."""
    charge = _charge(token)
    language = chosen_language()
    html = pages.render(
        "sandbox/pay.html",
        language,
        charge=charge,
        amount=formats.money(charge.amount, charge.currency, language),
        is_paid=sandbox().find_capture(charge.reference) is not None,
        back=_way_back(charge),
    )
    return pages.answer_secretly(html)


@blueprint.post("/sandbox/pay/<token>")
def end(token: str) -> Response:
    """Pay or decline: tell the shop, and send the customer back to it."""
    charge = _charge(token)
    chosen = request.form.get("end")
    if chosen == "pay":
        _tell(sandbox().pay(charge, clock.now()))
    elif chosen == "decline":
        _tell(sandbox().decline(charge, clock.now()))
    else:
        raise Invalid("wrong_end", "A payment here is paid or declined.")
    return pages.see_other(_way_back(charge))


def _charge(token: str) -> ChargeRequest:
    charge = sandbox().read_charge(token)
    if charge is None:
        raise NotFound("charge_not_found", "There is no such payment.")
    return charge


def _way_back(charge: ChargeRequest) -> str:
    own = f"{settings().public_base_url}/"
    return charge.return_url if charge.return_url.startswith(own) else own


def _tell(notice: SignedNotice) -> None:
    """Send the notice to the shop's own door, as a request like anybody's.

    A notice that does not arrive is no harm: the shop asks for lost ones.
    """
    # The request runs in a context of its own, and nothing of ours may be open beside it.
    db.session.rollback()
    client = Client(current_app.wsgi_app)
    answer = contextvars.Context().run(
        client.post, NOTICES, data=notice.body, headers=notice.headers
    )
    if answer.status_code != 200:
        log.error("the shop refused a sandbox notice: %s %s", answer.status, answer.text)
