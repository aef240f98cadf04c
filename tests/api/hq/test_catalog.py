"""What headquarters does with the catalogue, over HTTP."""

import io
import json
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from storefront.catalog import stock
from storefront.catalog.models import Brand, PriceChange, Product, StockMovement
from storefront.core.database import db, transaction
from storefront.staff.models import Role
from tests.core.test_pictures import a_bomb
from tests.support import cast

HQ = "/api/v1/hq"
CNY = {"currency": "CNY"}


class Desk:
    """An employee of headquarters at their desk."""

    def __init__(self, client: FlaskClient, role: Role) -> None:
        self._client = client
        self.employee = cast.an_employee(role=role, store="HQ")
        self._headers = cast.headers_of(self.employee)

    def ask(self, method: str, path: str, **request: Any) -> Any:
        headers = self._headers | request.pop("headers", {})
        return self._client.open(f"{HQ}/{path}", method=method, headers=headers, **request)

    def get(self, path: str) -> Any:
        return self.ask("GET", path)

    def post(self, path: str, given: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, json=given, headers=headers)

    def patch(self, path: str, given: Any, version: int | None = None) -> Any:
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self.ask("PATCH", path, json=given, headers=headers)


@pytest.fixture
def desk(client: FlaskClient, app: Flask) -> Desk:
    return Desk(client, Role.HQ_OPERATIONS)


@pytest.fixture
def product(app: Flask) -> Product:
    return cast.a_product("Lamp", price=1_999, stock=3)


def new_product(**fields: Any) -> dict[str, Any]:
    return {
        "code": "LAMP",
        "brand": cast.a_brand().public_id,
        "category": cast.a_category().public_id,
        "name_zh": "台灯",
        "name_en": "Desk lamp",
        "variants": [{"code": "LAMP-1", "price": {"amount": 1_999, **CNY}}],
    } | fields


def problem_of(answer: Any) -> tuple[int, str]:
    assert answer.content_type == "application/problem+json"
    return answer.status_code, answer.json["code"]


def keys_of(document: Any) -> set[str]:
    """Every key in a document, however deep."""
    if isinstance(document, list):
        return {key for each in document for key in keys_of(each)}
    if isinstance(document, dict):
        return set(document) | {key for each in document.values() for key in keys_of(each)}
    return set()


# --- products and variants -----------------------------------------------------------------------


def test_a_product_is_entered_read_and_edited(desk: Desk) -> None:
    made = desk.post("products", new_product(words_en="Warm"))
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    address = f"products/{made.json['id']}"
    assert desk.get(address).json == made.json
    assert made.json["variants"][0]["price"] == {"amount": 1_999, "currency": "CNY"}
    edited = desk.patch(address, {"name_en": "Lamp"}, version=1)
    assert (edited.status_code, edited.headers["ETag"]) == (200, '"2"')
    assert (edited.json["name_en"], edited.json["words_en"]) == ("Lamp", "Warm")
    assert problem_of(desk.patch(address, {"name_en": "Other"}, version=1)) == (
        412,
        "version_changed",
    )
    assert problem_of(desk.patch(address, {"name_en": "Other"})) == (428, "if_match_missing")


def test_who_entered_a_price_is_kept(desk: Desk) -> None:
    desk.post("products", new_product())
    assert db.session.scalar(sa.select(PriceChange.by_employee_id)) == desk.employee.id


def test_the_same_key_enters_a_product_once(desk: Desk) -> None:
    body = new_product()
    first = desk.post("products", body, **{"Idempotency-Key": "k1"})
    again = desk.post("products", body, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    other = desk.post("products", new_product(code="OTHER"), **{"Idempotency-Key": "k1"})
    assert problem_of(other) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    "fields",
    [
        {"code": "=x"},
        {"code": "x" * 65},
        {"code": "LAMP\n"},
        {"name_zh": ""},
        {"name_en": "a\0b"},
        {"cost": 5},
        {"variants": []},
        {"variants": [{"code": "A", "price": {"amount": 0, **CNY}}]},
        {"variants": [{"code": "A", "price": {"amount": 19.99, **CNY}}]},
        {"variants": [{"code": "A", "price": {"amount": "1999", **CNY}}]},
        {"variants": [{"code": "A", "price": {"amount": 10**30, **CNY}}]},
        {"variants": [{"code": "A", "price": {"amount": 5, **CNY}, "on_hand": 3}]},
        {"brand": None},
    ],
)
def test_wrong_fields_are_refused(desk: Desk, fields: dict[str, Any]) -> None:
    assert problem_of(desk.post("products", new_product(**fields))) == (422, "invalid_fields")
    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 0


def test_what_else_is_refused_says_why(desk: Desk, product: Product) -> None:
    euros = [{"code": "A", "price": {"amount": 5, "currency": "EUR"}}]
    wanted = {
        "code_taken": (409, {"code": product.code}),
        "wrong_currency": (422, {"variants": euros}),
        "unknown_brand": (422, {"brand": "brd_none"}),
        "unknown_category": (422, {"category": "cat_none"}),
    }
    for code, (status, fields) in wanted.items():
        assert problem_of(desk.post("products", new_product(**fields))) == (status, code)


def test_products_are_listed_and_found(desk: Desk) -> None:
    codes = [cast.a_product(f"Lamp {number}").code for number in range(3)]
    first = desk.get("products?limit=2").json
    rest = desk.get(f"products?limit=2&after={first['next']}").json
    assert [item["code"] for item in first["items"] + rest["items"]] == codes[::-1]
    assert rest["next"] is None
    assert [item["code"] for item in desk.get("products?q=lamp 1").json["items"]] == [codes[1]]
    assert desk.get("products?state=hidden").json["items"] == []
    assert problem_of(desk.get("products?state=gone")) == (422, "invalid_fields")
    assert problem_of(desk.get("products?after=x")) == (422, "wrong_cursor")


def test_a_product_is_hidden_and_shown(desk: Desk, product: Product, client: FlaskClient) -> None:
    address = f"products/{product.public_id}"
    shopper = f"/api/v1/shopper/{address}"
    assert desk.post(f"{address}/hide").json["state"] == "hidden"
    assert client.get(shopper).status_code == 404
    assert desk.post(f"{address}/show").json["state"] == "active"
    assert client.get(shopper).status_code == 200


def test_a_variant_is_added_edited_and_hidden(desk: Desk, product: Product) -> None:
    address, version = f"products/{product.public_id}", product.version
    given = {"code": "LAMP-X", "price": {"amount": 5, **CNY}, "option_en": "Red"}
    added = desk.ask(
        "POST", f"{address}/variants", json=given, headers={"If-Match": f'"{version}"'}
    )
    assert added.status_code == 201
    variant = added.json["variants"][1]
    path = f"variants/{variant['id']}"
    edited = desk.patch(path, {"option_en": "Blue", "stock_tracked": False}, version + 1)
    assert edited.json["variants"][1]["option_en"] == "Blue"
    assert edited.json["variants"][1]["stock_tracked"] is False
    assert problem_of(desk.patch(path, {"option_en": "Red"}, version))[0] == 412
    assert desk.post(f"{path}/hide").json["variants"][1]["state"] == "hidden"
    assert desk.post(f"{path}/show").json["variants"][1]["state"] == "active"
    assert problem_of(desk.patch(path, {"price": 5}, version + 4))[0] == 422


def test_a_price_is_changed_with_a_reason(desk: Desk, product: Product) -> None:
    path = f"variants/{product.variants[0].public_id}"
    price = {"amount": 1_500, **CNY}
    changed = desk.post(f"{path}/price", {"price": price, "reason": "Autumn"})
    assert changed.json["variants"][0]["price"]["amount"] == 1_500
    history = desk.get(f"{path}/prices?limit=1").json
    (latest,) = history["items"]
    assert latest == {
        "old": {"amount": 1_999, "currency": "CNY"},
        "new": {"amount": 1_500, "currency": "CNY"},
        "at": "2026-03-02T02:00:00Z",
        "reason": "Autumn",
    }
    (first,) = desk.get(f"{path}/prices?after={history['next']}").json["items"]
    assert (first["old"], first["new"]["amount"]) == (None, 1_999)
    assert problem_of(desk.post(f"{path}/price", {"price": price}))[0] == 422
    assert problem_of(desk.post(f"{path}/price", {"price": price, "reason": ""}))[0] == 422


# --- stock ---------------------------------------------------------------------------------------


def test_stock_is_counted_delivered_and_looked_at(desk: Desk, product: Product) -> None:
    path = f"variants/{product.variants[0].public_id}/stock"
    with transaction():
        stock.reserve([stock.Wanted(product.variants[0].id, 2)])
    counted = desk.post(f"{path}/count", {"location": "HOUSE", "on_hand": 9})
    assert counted.status_code == 200
    delivered = desk.post(f"{path}/deliver", {"location": "HOUSE", "quantity": 3})
    (shelf,) = delivered.json["shelves"]
    assert (shelf["on_hand"], shelf["reserved"], shelf["available"]) == (12, 2, 10)
    assert shelf["location"]["code"] == "HOUSE"
    assert desk.get(path).json == delivered.json
    moved = desk.get(f"{path}/movements?limit=2").json
    assert [(item["quantity"], item["kind"]) for item in moved["items"]] == [
        (3, "delivered"),
        (6, "counted"),
    ]
    older = desk.get(f"{path}/movements?after={moved['next']}").json
    assert [item["quantity"] for item in older["items"]] == [3]
    by = db.session.scalars(sa.select(StockMovement.by_employee_id).order_by(StockMovement.id))
    assert by.all() == [None, desk.employee.id, desk.employee.id]


def test_wrong_counts_and_deliveries_are_refused(desk: Desk, product: Product) -> None:
    path = f"variants/{product.variants[0].public_id}/stock"
    endless = f"variants/{cast.a_product().variants[0].public_id}/stock"
    with transaction():
        stock.reserve([stock.Wanted(product.variants[0].id, 2)])

    def counted(on_hand: Any, location: str = "HOUSE", path: str = path) -> tuple[int, str]:
        return problem_of(desk.post(f"{path}/count", {"location": location, "on_hand": on_hand}))

    refused = desk.post(f"{path}/count", {"location": "HOUSE", "on_hand": 1})
    assert (refused.json["code"], refused.json["promised"]) == ("less_than_promised", 2)
    assert counted(-1) == counted(1.5) == counted(10**12) == (422, "invalid_fields")
    assert counted(5, "NOWHERE") == (404, "location_not_found")
    assert counted(5, path=endless) == (409, "stock_not_tracked")
    much = {"location": "HOUSE", "quantity": 10**9}
    assert problem_of(desk.post(f"{path}/deliver", much)) == (422, "too_many_pieces")
    none = {"location": "HOUSE", "quantity": 0}
    assert problem_of(desk.post(f"{path}/deliver", none)) == (422, "invalid_fields")
    (shelf,) = desk.get(path).json["shelves"]
    assert shelf["on_hand"] == 3


# --- pictures ------------------------------------------------------------------------------------


def a_png(width: int = 640, height: int = 480) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), (200, 30, 30)).save(stream, format="PNG")
    return stream.getvalue()


def put(desk: Desk, path: str, body: bytes, kind: str = "image/png") -> Any:
    return desk.ask("PUT", f"{path}/picture", data=body, content_type=kind)


def test_a_product_and_its_variant_get_pictures(
    desk: Desk, product: Product, client: FlaskClient
) -> None:
    shown = put(desk, f"products/{product.public_id}", a_png())
    assert shown.status_code == 200
    picture = shown.json["picture"]
    assert [file["width"] for file in picture["files"]] == [300, 600, 640]
    for file in picture["files"]:
        assert client.get(file["webp"]).content_type == "image/webp"
        assert client.get(file["jpeg"]).content_type == "image/jpeg"
    path = f"variants/{product.variants[0].public_id}"
    own = put(desk, path, a_png(300, 300)).json["variants"][0]["picture"]
    assert own["id"] != picture["id"]
    seen = client.get(f"/api/v1/shopper/products/{product.public_id}").get_json()
    assert (seen["picture"], seen["variants"][0]["picture"]) == (picture, own)
    assert desk.ask("DELETE", f"{path}/picture").json["variants"][0]["picture"] is None
    gone = desk.ask("DELETE", f"products/{product.public_id}/picture")
    assert gone.json["picture"] is None


def test_what_is_no_picture_is_refused(desk: Desk, product: Product) -> None:
    path = f"products/{product.public_id}"
    assert problem_of(put(desk, path, b"<svg/>")) == (422, "wrong_picture")
    assert problem_of(put(desk, path, b"<svg/>", "image/svg+xml"))[0] == 415
    assert problem_of(put(desk, path, a_bomb(20_000, 20_000))) == (413, "picture_too_large")
    assert problem_of(put(desk, path, bytes(9 * 1024 * 1024)))[0] == 413
    assert problem_of(put(desk, "products/prd_none", a_png())) == (404, "product_not_found")


# --- brands, categories, locations ---------------------------------------------------------------


def test_brands(desk: Desk) -> None:
    made = desk.post("brands", {"code": "LOOM", "name_zh": "织", "name_en": "Loom"})
    assert (made.status_code, made.headers["ETag"]) == (201, '"1"')
    address = f"brands/{made.json['id']}"
    renamed = desk.patch(address, {"name_en": "Loom & Co"}, version=1)
    assert (renamed.json["name_en"], renamed.headers["ETag"]) == ("Loom & Co", '"2"')
    assert problem_of(desk.patch(address, {"name_en": "x"}, version=1))[0] == 412
    assert desk.get(address).json == renamed.json
    assert desk.get("brands").json["items"] == [renamed.json]
    taken = desk.post("brands", {"code": "LOOM", "name_zh": "织", "name_en": "Loom"})
    assert problem_of(taken) == (409, "code_taken")


def test_categories(desk: Desk) -> None:
    top = desk.post("categories", {"code": "HOME", "name_zh": "家", "name_en": "Home"}).json
    lamps = {"code": "LAMPS", "name_zh": "灯", "name_en": "Lamps", "parent": top["id"]}
    made = desk.post("categories", lamps)
    assert made.json["parent"] == top["id"]
    circle = desk.patch(f"categories/{top['id']}", {"parent": made.json["id"]}, version=1)
    assert problem_of(circle) == (409, "wrong_parent")
    moved = desk.patch(f"categories/{made.json['id']}", {"parent": ""}, version=1)
    assert (moved.json["parent"], moved.headers["ETag"]) == (None, '"2"')
    listed = desk.get("categories").json["items"]
    assert [(item["code"], item["version"]) for item in listed] == [("HOME", 1), ("LAMPS", 2)]


def test_locations(desk: Desk) -> None:
    given = {
        "code": "SHOP",
        "name_zh": "店",
        "name_en": "Shop",
        "priority": 2,
        "is_pick_up": False,
        "address_zh": "",
        "address_en": "",
        "opening_zh": "",
        "opening_en": "",
    }
    assert desk.post("locations", given).status_code == 201
    assert desk.patch("locations/SHOP", {"priority": 1}).json == given | {"priority": 1}
    assert desk.get("locations").json["items"] == [given | {"priority": 1}]
    assert problem_of(desk.patch("locations/NONE", {"priority": 1}))[0] == 404


# --- files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind", ["brands", "categories", "locations", "products", "prices", "stock"]
)
def test_a_file_comes_back_unchanged(desk: Desk, product: Product, kind: str) -> None:
    saved = desk.get(f"files/{kind}")
    assert saved.content_type == "text/csv; charset=utf-8"
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
    taken = desk.ask("POST", f"files/{kind}/imports", data=saved.data, content_type="text/csv")
    assert taken.json == {"new": 0, "changed": 0, "same": 1}


def test_a_wrong_file_is_told_line_by_line(desk: Desk, product: Product) -> None:
    body = f"variant_code,price\n{product.variants[0].code},0.001\nNONE,1\n"
    refused = desk.ask("POST", "files/prices/imports", data=body, content_type="text/csv")
    assert problem_of(refused) == (422, "wrong_file")
    assert [(line["line"], line["column"]) for line in refused.json["lines"]] == [
        (2, "price"),
        (3, "variant_code"),
    ]
    assert problem_of(desk.post("files/prices/imports", {}))[0] == 415
    assert problem_of(desk.get("files/costs")) == (404, "file_not_found")


# --- who may -------------------------------------------------------------------------------------

READS = [
    "products",
    "products/{product}",
    "variants/{variant}/prices",
    "variants/{variant}/stock",
    "variants/{variant}/stock/movements",
    "brands",
    "brands/{brand}",
    "categories",
    "locations",
    "files/products",
    "files/prices",
    "files/stock",
]
WRITES = [
    ("POST", "products", None),
    ("PATCH", "products/{product}", {"name_en": "x"}),
    ("POST", "products/{product}/hide", None),
    ("POST", "products/{product}/show", None),
    ("PUT", "products/{product}/picture", None),
    ("DELETE", "products/{product}/picture", None),
    ("POST", "products/{product}/variants", {"code": "N", "price": {"amount": 5, **CNY}}),
    ("PATCH", "variants/{variant}", {"option_en": "x"}),
    ("POST", "variants/{variant}/hide", None),
    ("POST", "variants/{variant}/show", None),
    ("PUT", "variants/{variant}/picture", None),
    ("DELETE", "variants/{variant}/picture", None),
    ("POST", "variants/{variant}/price", {"price": {"amount": 5, **CNY}, "reason": "x"}),
    ("POST", "variants/{variant}/stock/count", {"location": "HOUSE", "on_hand": 5}),
    ("POST", "variants/{variant}/stock/deliver", {"location": "HOUSE", "quantity": 5}),
    ("POST", "brands", {"code": "N", "name_zh": "x", "name_en": "x"}),
    ("PATCH", "brands/{brand}", {"name_en": "x"}),
    ("POST", "categories", {"code": "N", "name_zh": "x", "name_en": "x"}),
    ("PATCH", "categories/{category}", {"name_en": "x"}),
    ("POST", "locations", {"code": "N", "name_zh": "x", "name_en": "x"}),
    ("PATCH", "locations/HOUSE", {"priority": 5}),
    ("POST", "files/prices/imports", None),
]


def filled(path: str, product: Product) -> str:
    return path.format(
        product=product.public_id,
        variant=product.variants[0].public_id,
        brand=product.brand.public_id,
        category=product.category.public_id,
    )


def write(desk: Desk, method: str, path: str, given: Any) -> Any:
    version = db.session.scalar(sa.select(Product.version).order_by(Product.id).limit(1))
    if path.startswith(("brands", "categories")):
        version = 1
    body = new_product() if path == "products" else given
    return desk.ask(method, path, json=body or {}, headers={"If-Match": f'"{version}"'})


def test_finance_reads_and_changes_nothing(client: FlaskClient, product: Product) -> None:
    finance = Desk(client, Role.HQ_FINANCE)
    before = (product.version, db.session.scalar(sa.select(sa.func.count(Brand.id))))
    for path in READS:
        assert finance.get(filled(path, product)).status_code == 200, path
    for method, path, given in WRITES:
        refused = write(finance, method, filled(path, product), given)
        assert problem_of(refused) == (403, "role_not_allowed"), (method, path)
    assert (product.version, db.session.scalar(sa.select(sa.func.count(Brand.id)))) == before


@pytest.mark.parametrize("role", [Role.HQ_ADMIN, Role.HQ_OPERATIONS])
def test_admins_and_operations_may_write(client: FlaskClient, product: Product, role: Role) -> None:
    desk = Desk(client, role)
    for method, path, given in WRITES:
        answer = write(desk, method, filled(path, product), given)
        # Pictures and files are refused for what they are, not for who sends them.
        expected = (
            {415} if ("picture" in path and method == "PUT") or "imports" in path else {200, 201}
        )
        assert answer.status_code in expected, (method, path, answer.text)


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.STORE_MANAGER, Role.REGION_MANAGER])
def test_nobody_outside_of_headquarters_comes_in(
    client: FlaskClient, product: Product, role: Role
) -> None:
    outsider = Desk(client, role)
    for path in READS:
        assert problem_of(outsider.get(filled(path, product))) == (403, "hq_only"), path
    for method, path, given in WRITES:
        refused = write(outsider, method, filled(path, product), given)
        assert problem_of(refused) == (403, "hq_only"), (method, path)
    assert client.get(f"{HQ}/products").status_code == 401


def test_ids_are_opaque_and_cost_is_nowhere(client: FlaskClient, product: Product) -> None:
    desk = Desk(client, Role.HQ_ADMIN)
    documents = [desk.get(filled(path, product)).get_json(silent=True) for path in READS]
    documents.append(client.get(f"/api/v1/shopper/products/{product.public_id}").get_json())
    documents.append(client.get("/api/v1/shopper/products").get_json())
    keys = keys_of(documents)
    assert not {"cost", "product_id", "variant_id", "brand_id", "by_employee_id"} & keys
    public = keys_of(documents[-2:])
    assert not {"on_hand", "reserved", "available", "version", "code"} & public
    assert f'"id": {product.id}' not in json.dumps(documents)


def test_every_route_of_the_catalogue_is_described(client: FlaskClient, app: Flask) -> None:
    paths = client.get("/api/v1/openapi.json").get_json()["paths"]
    nouns = ("products", "variants", "brands", "categories", "locations", "files")
    prefixes = tuple(f"/api/v1/{who}/{noun}" for who in ("hq", "shopper") for noun in nouns)
    routes = {
        (path, method): operation
        for path, operations in paths.items()
        for method, operation in operations.items()
        if path.startswith(prefixes) and method != "parameters"
    }
    assert len(routes) == len(READS) - 2 + len(WRITES) + 3
    for route, operation in routes.items():
        assert operation.get("summary"), route
        assert any(status.startswith("2") for status in operation["responses"]), route
    responses = paths["/api/v1/shopper/products/{product_id}"]["get"]["responses"]
    assert {"200", "304", "404"} <= set(responses)
