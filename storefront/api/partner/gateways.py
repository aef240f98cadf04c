"""Where payment gateways send their notices."""

from __future__ import annotations

import logging
from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import fields

from storefront import sales
from storefront.api import described
from storefront.api.schemas import Schema
from storefront.core import clock
from storefront.core.errors import TooLarge, Unauthenticated
from storefront.integrations.payments.base import NoticeRefused
from storefront.integrations.running import gateway_named
from storefront.payments.models import EventState

log = logging.getLogger(__name__)

LONGEST_NOTICE = 64 * 1024

blueprint = Blueprint(
    "partner_gateways",
    __name__,
    url_prefix="/api/v1/partner/gateways",
    description="Signed notices of payment gateways; their signature is the guard",
)


class Acknowledged(Schema):
    """The notice is kept. What became of it is our business; sending it again changes nothing."""

    outcome = fields.Enum(EventState, by_value=True)


@blueprint.route("/<name>/notices", methods=["POST"])
@described.errors(
    blueprint, {401: "notice_refused", 404: "gateway_not_found", 413: "notice_too_large"}
)
@blueprint.response(200, Acknowledged)
def receive_notice(name: str) -> dict[str, Any]:
    """Take a gateway's notice: verified on its raw bytes, kept once, applied at once."""
    gateway = gateway_named(name)
    if (request.content_length or 0) > LONGEST_NOTICE:
        raise TooLarge("notice_too_large", "A notice has at most 64 KiB.")
    body = request.get_data()
    now = clock.now()
    try:
        notice = gateway.read_notice(request.headers, body, now)
    except NoticeRefused as refused:
        log.warning("%s notice refused: %s", name, refused)
        raise Unauthenticated("notice_refused", "This notice is not believed.") from refused
    return {"outcome": sales.complete(notice, body, gateway, now)}
