"""From a month of sales to a stranger who wants to know whether the paper shown is real."""

from __future__ import annotations

import io
import json
from base64 import b64decode

import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from nacl.signing import VerifyKey
from PIL import Image
from pypdf import PdfReader

from storefront.core.clock import SettableClock
from storefront.core.database import db
from storefront.staff.models import Employee
from tests.support import cast, trade
from tests.support.books import broken
from tests.support.statements import march_of

MINE = "/api/v1/seller/statements"


def scanned(pdf: bytes) -> str:
    """What a telephone reads off the first page."""
    image = PdfReader(io.BytesIO(pdf)).pages[0].images[0].image
    assert image is not None
    large = image.convert("L").resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)
    (found,) = zxingcpp.read_barcodes(large)
    return found.text


def test_a_printed_statement_is_scanned_by_a_stranger_and_proves_itself(
    app: Flask, client: FlaskClient, clock: SettableClock
) -> None:
    trade.open_for_trade()
    seller = trade.a_seller("E1")
    march_of(seller, clock)
    owner = db.session.get(Employee, seller.employee_id)
    assert owner is not None
    mine = cast.headers_of(owner)
    (listed,) = client.get(MINE, headers=mine).get_json()["items"]
    client.put(f"{MINE}/{listed['code']}/shown", json={"show_total": True}, headers=mine)
    paper = client.get(f"{MINE}/{listed['code']}.pdf", headers=mine).data

    stranger = app.test_client()
    address = scanned(paper)
    assert address == listed["verify_url"]
    page = stranger.get(address.removeprefix("http://shop.test")).get_data(as_text=True)
    assert "这份对账单是真的" in page
    assert "林＊＊" in page
    assert "¥3.00" in page

    proof = stranger.get(address.removeprefix("http://shop.test") + "/proof").get_json()
    (key,) = stranger.get("/verify/keys.json").get_json()["keys"]
    VerifyKey(bytes.fromhex(key["hex"])).verify(
        proof["payload"].encode(), b64decode(proof["signature"])
    )
    figures = json.loads(proof["payload"])["figures"]
    assert figures["earned"] - figures["reversed"] == listed["total"]["amount"] == 300
    assert broken() == set()
