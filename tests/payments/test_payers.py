"""Who paid, and where it goes: kept as fingerprints that tell two are the same, and no more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront import sales
from storefront.core import clock
from storefront.core.addresses import address_digest
from storefront.core.database import db
from storefront.integrations.running import sandbox
from storefront.orders.models import Order
from storefront.payments.models import Payment
from tests.support import cast, trade


def paid_by(**payer: str) -> Payment:
    order = trade.an_order(cast.a_product())
    charge = trade.a_charge(order)
    gateway, now = sandbox(), clock.now()
    captured = gateway.reread_notice(gateway.pay(charge, now).body)
    document = {
        "event_id": captured.event_id,
        "kind": "captured",
        "reference": captured.reference,
        "refund_reference": "",
        "amount": captured.amount,
        "currency": captured.currency,
        "merchant": captured.merchant,
        "app": captured.app,
        "gateway_reference": captured.gateway_reference,
        **payer,
    }
    signed = gateway.signed(document, now)
    notice = gateway.read_notice(signed.headers, signed.body, now)
    sales.complete(notice, signed.body, gateway, now)
    return db.session.scalars(sa.select(Payment).where(Payment.order_id == order.id)).one()


def test_a_payer_is_kept_as_a_fingerprint(app: Flask) -> None:
    trade.open_for_trade()
    first, second = paid_by(payer_card="6222021234567890"), paid_by(payer_card="6222021234567890")
    other, silent = paid_by(payer_openid="oABC"), paid_by()
    assert first.payer_card == second.payer_card
    assert len(first.payer_card) == 32
    assert "6222" not in first.payer_card
    assert (other.payer_card, len(other.payer_openid)) == ("", 32)
    assert (silent.payer_openid, silent.payer_card) == ("", "")


@pytest.mark.parametrize(
    "same",
    [
        "上海市徐汇区衡山路 1 号",
        "上海市徐汇区衡山路１号",
        " 上海市、徐汇区-衡山路1号。",
        "中国上海市徐汇区衡山路1號",
    ],
)
def test_one_door_has_one_digest_however_it_is_written(same: str) -> None:
    assert address_digest(same) == address_digest("上海市徐汇区衡山路1号")
    assert address_digest(same) != address_digest("上海市徐汇区衡山路11号")


def test_no_address_has_no_digest(app: Flask) -> None:
    assert address_digest("") == address_digest(" ,") == ""
    trade.open_for_trade()
    order = trade.an_order(cast.a_product())
    kept = db.session.scalars(sa.select(Order).where(Order.id == order.id)).one()
    assert kept.address_digest == address_digest(kept.address)
