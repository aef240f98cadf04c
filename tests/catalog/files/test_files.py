"""The catalogue as CSV files: taken in wholly or not at all, and given out alike."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.catalog import (
    locations,
    price_history,
    products,
    shelf,
    stock,
    stocktaking,
    variants,
)
from storefront.catalog.files import groups, prices
from storefront.catalog.files import products as product_file
from storefront.catalog.files import stock as stock_file
from storefront.catalog.models import (
    Brand,
    Category,
    Location,
    PriceChange,
    Product,
    ProductState,
    StockLevel,
    StockMovement,
    Variant,
)
from storefront.core import clock
from storefront.core.actor import Actor
from storefront.core.csvfile import Imported
from storefront.core.database import db, transaction
from storefront.core.errors import Invalid
from tests.support import cast
from tests.support.queries import recorded_queries

HQ = Actor(role="hq_operations", employee_id=7)
HEADER = "product_code,brand_code,category_code,name_zh,name_en,variant_code,price"
LAMP = "LAMP,LOOM,LAMPS,台灯,Desk lamp,LAMP-1,19.99"


def import_products(*lines: str, header: str = HEADER, currency: str = "CNY") -> Imported:
    body = "\n".join([header, *lines, ""]).encode()
    return product_file.import_products(body, currency, HQ, clock.now())


def import_prices(*lines: str, header: str = "variant_code,price,reason") -> Imported:
    body = "\n".join([header, *lines, ""]).encode()
    return prices.import_prices(body, "CNY", HQ, clock.now())


def import_stock(*lines: str) -> Imported:
    body = "\n".join(["variant_code,location_code,on_hand", *lines, ""]).encode()
    return stock_file.import_stock(body, HQ, clock.now())


def complaints(deed: Callable[[], object]) -> list[tuple[int, str, str]]:
    """Line, column and code of everything that a file is refused for."""
    with pytest.raises(Invalid) as refusal:
        deed()
    assert refusal.value.code == "wrong_file"
    return [(line["line"], line["column"], line["code"]) for line in refusal.value.extra["lines"]]


def count(kind: Any) -> int | None:
    return db.session.scalar(sa.select(sa.func.count()).select_from(kind))


def one(code: str) -> Variant:
    return db.session.scalars(sa.select(Variant).where(Variant.code == code)).one()


def joined(pieces: Iterator[bytes]) -> bytes:
    return b"".join(pieces)


@pytest.fixture
def catalogue(app: Flask) -> None:
    cast.a_brand()
    cast.a_category()
    cast.a_location()


# --- products ------------------------------------------------------------------------------------


def test_products_are_entered_with_their_variants_and_first_prices(catalogue: None) -> None:
    done = import_products(
        f"{LAMP},Red,no", "LAMP,LOOM,LAMPS,台灯,Desk lamp,LAMP-2,5,Blue,yes",
        header=f"{HEADER},option_en,stock_tracked",
    )  # fmt: skip
    assert done == Imported(new=2, changed=0, same=0)
    lamp = products.find(one("LAMP-1").product.public_id)
    assert (lamp.code, lamp.name_zh, lamp.brand.code, lamp.version) == ("LAMP", "台灯", "LOOM", 1)
    assert [
        (variant.code, variant.price, variant.option_en, variant.stock_tracked, variant.position)
        for variant in lamp.variants
    ] == [("LAMP-1", 1_999, "Red", False, 0), ("LAMP-2", 500, "Blue", True, 1)]
    (first,) = price_history.history(lamp.variants[0].id)
    assert (first.old_price, first.new_price, first.by_employee_id) == (None, 1_999, 7)
    assert shelf.product(lamp.public_id)


def test_the_same_file_again_changes_nothing(catalogue: None) -> None:
    import_products(LAMP)
    with recorded_queries() as queries:
        assert import_products(LAMP) == Imported(new=0, changed=0, same=1)
    assert not [query for query in queries if query.startswith(("INSERT", "UPDATE"))]
    assert one("LAMP-1").product.version == 1
    assert count(PriceChange) == 1


def test_what_differs_is_changed_and_shown_anew(catalogue: None) -> None:
    import_products(LAMP, "TABLE,LOOM,LAMPS,桌,Table,TABLE-1,5")
    before = one("LAMP-1").product.public_id
    done = import_products(
        LAMP.replace("Desk lamp", "Lamp").replace("19.99", "18.00"),
        "LAMP,LOOM,LAMPS,台灯,Lamp,LAMP-2,5",
        "TABLE,LOOM,LAMPS,桌,Table,TABLE-1,5",
    )
    assert done == Imported(new=1, changed=1, same=1)
    lamp, table = one("LAMP-1"), one("TABLE-1")
    assert (lamp.product.public_id, lamp.product.name_en) == (before, "Lamp")
    assert (lamp.product.version, table.product.version) == (2, 1)
    latest, _ = price_history.history(lamp.id)
    assert (latest.old_price, latest.new_price, latest.reason) == (1_999, 1_800, "product file")
    assert one("LAMP-2").position == 1


def test_an_absent_column_leaves_alone_and_an_empty_cell_empties(catalogue: None) -> None:
    import_products(f"{LAMP},Warm,Red", header=f"{HEADER},words_en,option_en")
    import_products(LAMP)
    assert (one("LAMP-1").product.words_en, one("LAMP-1").option_en) == ("Warm", "Red")
    import_products(f"{LAMP},,Red", header=f"{HEADER},words_en,option_en")
    assert (one("LAMP-1").product.words_en, one("LAMP-1").option_en) == ("", "Red")


def test_states_come_with_the_file(catalogue: None) -> None:
    header = f"{HEADER},product_state,variant_state"
    import_products(f"{LAMP},hidden,active", header=header)
    assert one("LAMP-1").product.state is ProductState.HIDDEN
    import_products(f"{LAMP},active,hidden", header=header)
    assert one("LAMP-1").product.state is ProductState.ACTIVE
    assert one("LAMP-1").state is ProductState.HIDDEN


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (LAMP.replace("19.99", "19.999"), ("price", "wrong_price")),
        (LAMP.replace("19.99", "0"), ("price", "wrong_price")),
        (LAMP.replace("19.99", "0.00"), ("price", "wrong_price")),
        (LAMP.replace("19.99", "-1"), ("price", "wrong_price")),
        (LAMP.replace("19.99", "1e3"), ("price", "wrong_price")),
        (LAMP.replace("19.99", "1_000"), ("price", "wrong_price")),
        (LAMP.replace("19.99", "１２"), ("price", "wrong_price")),
        (LAMP.replace("19.99", '"19,99"'), ("price", "wrong_price")),
        (LAMP.replace("19.99", "NaN"), ("price", "wrong_price")),
        (LAMP.replace("19.99", ""), ("price", "wrong_price")),
        (LAMP.replace("19.99", "9" * 18), ("price", "wrong_price")),
        (LAMP.replace("LAMP-1", "=1+1"), ("variant_code", "wrong_variant_code")),
        (LAMP.replace("台灯", ""), ("name_zh", "wrong_name_zh")),
        (LAMP.replace("LOOM", "NONE"), ("brand_code", "unknown_brand")),
        (LAMP.replace("LAMPS", "NONE"), ("category_code", "unknown_category")),
        (f"{LAMP},too much", ("", "wrong_field_count")),
    ],
)
def test_a_wrong_cell_is_told_with_its_line_and_column(
    catalogue: None, line: str, complaint: tuple[str, str]
) -> None:
    good = LAMP.replace("LAMP,", "GOOD,").replace("LAMP-1", "GOOD-1")
    assert complaints(lambda: import_products(good, line)) == [(3, *complaint)]
    assert count(Product) == 0


def test_a_price_finer_than_the_smallest_coin_depends_on_the_currency(catalogue: None) -> None:
    assert complaints(lambda: import_products(LAMP, currency="JPY")) == [
        (2, "price", "wrong_price")
    ]
    import_products(LAMP.replace("19.99", "1999"), currency="JPY")
    assert one("LAMP-1").price == 1_999


def test_everything_wrong_is_told_at_once(catalogue: None) -> None:
    import_products("TABLE,LOOM,LAMPS,桌,Table,TABLE-1,5")
    told = complaints(
        lambda: import_products(
            LAMP,
            "LAMP,LOOM,LAMPS,台灯,Other lamp,LAMP-2,5",
            "LAMP,LOOM,LAMPS,台灯,Desk lamp,LAMP-1,5",
            "LAMP,LOOM,LAMPS,台灯,Desk lamp,TABLE-1,5",
            "CHAIR,NONE,LAMPS,椅,Chair,CHAIR-1,x",
        )
    )
    assert told == [
        (3, "name_en", "differs"),
        (4, "variant_code", "twice"),
        (5, "variant_code", "of_another_product"),
        (6, "price", "wrong_price"),
    ]
    assert count(Product) == 1
    assert one("TABLE-1").product.version == 1


@pytest.mark.parametrize(
    "body",
    [
        "\n".join([HEADER, LAMP, ""]).encode("gb18030"),
        "\n".join([HEADER, LAMP, ""]).encode("utf-16"),
        "\n".join([HEADER, LAMP, LAMP[:20]]).encode(),
        "\n".join([HEADER, LAMP]).encode(),
        f'{HEADER}\n{LAMP}\nLAMP,"LOOM\n'.encode(),
        b"",
        LAMP.encode(),
        f"{HEADER},cost\n{LAMP},3\n".encode(),
        HEADER.replace(",price", "").encode() + b"\n",
    ],
    ids=["gbk", "utf-16", "cut", "no end", "open quote", "empty", "no header", "cost", "no price"],
)
def test_a_file_that_is_not_whole_changes_nothing(catalogue: None, body: bytes) -> None:
    assert complaints(lambda: product_file.import_products(body, "CNY", HQ, clock.now()))
    assert count(Product) == 0


def test_a_file_costs_a_bounded_number_of_statements(catalogue: None) -> None:
    def lines(number: int, price: int) -> list[str]:
        return [f"P{row},LOOM,LAMPS,灯{row},Lamp {row},V{row},{price}.00" for row in range(number)]

    with recorded_queries() as entering:
        import_products(*lines(300, 5))
    with recorded_queries() as changing:
        import_products(*lines(300, 6))
    assert len(entering) < 20
    assert len(changing) < 20


def test_as_many_rows_as_a_statement_has_no_room_for(catalogue: None) -> None:
    lines = [f"P{row // 4},LOOM,LAMPS,灯,Lamp,V{row},1.00" for row in range(6_000)]
    assert import_products(*lines) == Imported(new=6_000, changed=0, same=0)
    assert import_products(*lines) == Imported(new=0, changed=0, same=6_000)
    assert count(PriceChange) == 6_000


# --- prices --------------------------------------------------------------------------------------


def test_prices_change_with_their_history(catalogue: None) -> None:
    import_products(LAMP, "TABLE,LOOM,LAMPS,桌,Table,TABLE-1,5")
    done = import_prices("LAMP-1,18.50,Autumn", "TABLE-1,5.00,Autumn")
    assert done == Imported(new=0, changed=1, same=1)
    latest, first = price_history.history(one("LAMP-1").id)
    assert (latest.old_price, latest.new_price, latest.reason) == (1_999, 1_850, "Autumn")
    assert (latest.by_employee_id, first.new_price) == (7, 1_999)
    assert (one("LAMP-1").product.version, one("TABLE-1").product.version) == (2, 1)
    assert import_prices("LAMP-1,18.50,Other words") == Imported(0, 0, 1)
    import_prices("LAMP-1,17", header="variant_code,price")
    assert price_history.history(one("LAMP-1").id)[0].reason == "price file"


def test_wrong_prices_are_told_and_none_is_changed(catalogue: None) -> None:
    import_products(LAMP)
    told = complaints(
        lambda: import_prices(
            "LAMP-1,18.50,", "NONE,1,", "LAMP-1,17,", "LAMP-1,0.001,", f"LAMP-1,1,{'x' * 201}"
        )
    )
    assert told == [
        (3, "variant_code", "unknown_variant"),
        (4, "variant_code", "twice"),
        (5, "variant_code", "twice"),
        (6, "reason", "wrong_reason"),
        (6, "variant_code", "twice"),
    ]
    assert one("LAMP-1").price == 1_999
    assert complaints(lambda: import_prices("LAMP-1,0.001,")) == [(2, "price", "wrong_price")]


# --- stock ---------------------------------------------------------------------------------------


def test_a_count_becomes_movements(catalogue: None) -> None:
    import_products(LAMP, "TABLE,LOOM,LAMPS,桌,Table,TABLE-1,5")
    assert import_stock("LAMP-1,HOUSE,7", "TABLE-1,HOUSE,0") == Imported(1, 0, 1)
    assert one("LAMP-1").product.version == 2
    assert import_stock("LAMP-1,HOUSE,5", "TABLE-1,HOUSE,2") == Imported(1, 1, 0)
    assert one("LAMP-1").product.version == 2
    assert import_stock("LAMP-1,HOUSE,5", "TABLE-1,HOUSE,2") == Imported(0, 0, 2)
    moved = db.session.scalars(
        sa.select(StockMovement.quantity)
        .where(StockMovement.variant_id == one("LAMP-1").id)
        .order_by(StockMovement.id)
    ).all()
    assert moved == [7, -2]


def test_fewer_than_orders_hold_cannot_be_counted(catalogue: None) -> None:
    import_products(LAMP, "TABLE,LOOM,LAMPS,桌,Table,TABLE-1,5")
    import_stock("LAMP-1,HOUSE,7", "TABLE-1,HOUSE,3")
    with transaction():
        stock.reserve([stock.Wanted(one("LAMP-1").id, 4)])
    told = complaints(lambda: import_stock("TABLE-1,HOUSE,1", "LAMP-1,HOUSE,3"))
    assert told == [(3, "on_hand", "less_than_promised")]
    assert stocktaking.shelves(one("TABLE-1").id)[0].on_hand == 3
    import_stock("LAMP-1,HOUSE,4")


def test_wrong_counts_are_told_and_nothing_is_changed(catalogue: None) -> None:
    import_products(LAMP)
    endless = cast.a_product().variants[0].code
    told = complaints(
        lambda: import_stock(
            "LAMP-1,HOUSE,1",
            "LAMP-1,HOUSE,1",
            "LAMP-1,NOWHERE,1",
            "NONE,HOUSE,1",
            f"{endless},HOUSE,1",
        )
    )
    assert told == [
        (3, "variant_code", "twice"),
        (4, "location_code", "unknown_location"),
        (5, "variant_code", "unknown_variant"),
        (6, "variant_code", "stock_not_tracked"),
    ]
    for number in ("-1", "1.5", "", "١", "9999999999"):
        told = complaints(lambda number=number: import_stock(f"LAMP-1,HOUSE,{number}"))
        assert told == [(2, "on_hand", "wrong_on_hand")]
    assert count(StockLevel) == 0


# --- brands, categories, locations ---------------------------------------------------------------


def test_brands_are_entered_and_renamed(app: Flask) -> None:
    header = "code,name_zh,name_en\n"
    assert groups.import_brands(f"{header}A,甲,A\nB,乙,B\n".encode()) == Imported(2, 0, 0)
    assert groups.import_brands(f"{header}A,甲,A\nB,乙,Bee\n".encode()) == Imported(0, 1, 1)
    assert set(db.session.scalars(sa.select(Brand.name_en))) == {"A", "Bee"}
    assert complaints(lambda: groups.import_brands(f"{header}A,,A\nA,甲,A\n".encode())) == [
        (2, "name_zh", "wrong_name_zh"),
        (3, "code", "twice"),
    ]


def test_a_renamed_brand_or_category_shows_on_its_products(app: Flask) -> None:
    product = cast.a_product()
    groups.import_brands("code,name_zh,name_en\nLOOM,织,New\n".encode())
    groups.import_categories("code,name_zh,name_en\nLAMPS,灯,New\n".encode())
    shown = shelf.product(product.public_id)
    assert shown
    assert (shown.brand.en, shown.category.en) == ("New", "New")
    assert shelf.version_of(product.public_id) == 3


def test_a_tree_may_name_parents_that_come_later(app: Flask) -> None:
    header = "code,name_zh,name_en,parent_code,position\n"
    tree = f"{header}LEAF,叶,Leaf,BRANCH,2\nBRANCH,枝,Branch,,1\n"
    assert groups.import_categories(tree.encode()) == Imported(2, 0, 0)
    assert groups.import_categories(tree.encode()) == Imported(0, 0, 2)
    moved = f"{header}LEAF,叶,Leaf,,2\n"
    assert groups.import_categories(moved.encode()) == Imported(0, 1, 0)
    by_code = {category.code: category for category in db.session.scalars(sa.select(Category))}
    assert [one.parent_id for one in by_code.values()] == [None, None]
    without = "code,name_zh,name_en\nLEAF,叶,Leaf\n"
    assert groups.import_categories(without.encode()) == Imported(0, 0, 1)


def test_a_circle_in_the_tree_is_told(app: Flask) -> None:
    cast.a_category("OLD")
    header = "code,name_zh,name_en,parent_code\n"
    told = complaints(
        lambda: groups.import_categories(
            f"{header}OLD,旧,Old,NEW\nNEW,新,New,OLD\nLOST,失,Lost,NOWHERE\n"
            "SELF,自,Self,SELF\n".encode()
        )
    )
    assert told == [(line, "parent_code", "wrong_parent") for line in (2, 3, 4, 5)]
    assert count(Category) == 1


def test_a_file_says_where_orders_are_collected(app: Flask) -> None:
    header = "code,name_zh,name_en,pick_up,address_zh,address_en,opening_zh,opening_en\n"
    line = "A,甲,A,yes,甲路 1 号,1 A Road,每天,Daily\n"
    assert groups.import_locations(f"{header}{line}".encode()) == Imported(1, 0, 0)
    (point,) = locations.pick_up_points()
    assert (point.address_en, point.opening_zh) == ("1 A Road", "每天")
    written = b"".join(groups.export_locations()).decode("utf-8-sig")
    assert written.splitlines()[1] == "A,甲,A,0,yes,甲路 1 号,1 A Road,每天,Daily"
    # What a file does not speak of stays.
    assert groups.import_locations("code,name_zh,name_en\nA,甲,A2\n".encode()) == Imported(0, 1, 0)
    assert locations.pick_up_points()[0].name_en == "A2"
    assert groups.import_locations(f"{header}A,甲,A,no,,,,\n".encode()) == Imported(0, 1, 0)
    assert locations.pick_up_points() == []


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            "code,name_zh,name_en,pick_up\nA,甲,A,yes\n",
            [(2, "address_en", "address_missing"), (2, "address_zh", "address_missing")],
        ),
        (
            "code,name_zh,name_en,address_en\nB,乙,B,\n",
            [(2, "address_en", "address_missing")],
        ),
        ("code,name_zh,name_en,pick_up\nA,甲,A,maybe\n", [(2, "pick_up", "wrong_pick_up")]),
    ],
)
def test_a_file_leaves_no_pick_up_point_without_an_address(
    app: Flask, text: str, places: list[tuple[int, str, str]]
) -> None:
    cast.a_pick_up_point("B")
    with pytest.raises(Invalid) as refused:
        groups.import_locations(text.encode())
    lines = refused.value.extra["lines"]
    assert [(line["line"], line["column"], line["code"]) for line in lines] == places


def test_locations_are_entered_and_changed(app: Flask) -> None:
    header = "code,name_zh,name_en,priority\n"
    assert groups.import_locations(f"{header}A,甲,A,1\n".encode()) == Imported(1, 0, 0)
    assert groups.import_locations(f"{header}A,甲,A,2\n".encode()) == Imported(0, 1, 0)
    assert groups.import_locations("code,name_zh,name_en\nA,甲,A\n".encode()) == Imported(0, 0, 1)
    assert db.session.scalar(sa.select(Location.priority)) == 2


# --- round trip ----------------------------------------------------------------------------------


def awkward() -> None:
    """Goods whose names a spreadsheet would trip over (FAULTS case 37)."""
    names = ("=1+1", "+1", "-1", "@SUM(A1)", "'=quoted", "a,b", 'say "hi"', "-lamp", "'", "''=x")
    lines = [
        f'P{row},LOOM,LAMPS,"{name.replace(chr(34), chr(34) * 2)}",Lamp,V{row},{row + 1}.05'
        for row, name in enumerate(names)
    ]
    import_products(*lines)
    for row, name in enumerate(names):
        with transaction():
            product = one(f"V{row}").product
            product.name_zh = product.words_en = name
            one(f"V{row}").option_zh = name
    variants.hide(one("V1").public_id)
    with transaction():
        one("V2").product.words_zh = "One line\n=another\n\nand \ta tab"
    import_stock("V0,HOUSE,3", "V3,HOUSE,0")
    import_prices("V4,7.77,=because")


def test_what_is_given_out_is_taken_in_again_unchanged(catalogue: None) -> None:
    awkward()
    files = [
        joined(pieces)
        for pieces in (
            product_file.export_products("CNY"),
            prices.export_prices("CNY"),
            stock_file.export_stock(),
            groups.export_brands(),
            groups.export_categories(),
            groups.export_locations(),
        )
    ]
    now = clock.now()
    done = [
        product_file.import_products(files[0], "CNY", HQ, now),
        prices.import_prices(files[1], "CNY", HQ, now),
        stock_file.import_stock(files[2], HQ, now),
        groups.import_brands(files[3]),
        groups.import_categories(files[4]),
        groups.import_locations(files[5]),
    ]
    assert done == [Imported(0, 0, same) for same in (10, 10, 2, 1, 1, 1)]


def test_what_is_given_out_makes_the_same_catalogue_elsewhere(catalogue: None) -> None:
    awkward()
    exported = joined(product_file.export_products("CNY"))
    with transaction() as session:
        for table in (StockMovement, StockLevel, PriceChange, Variant, Product):
            session.execute(sa.delete(table))
    assert product_file.import_products(exported, "CNY", HQ, clock.now()) == Imported(10, 0, 0)
    assert joined(product_file.export_products("CNY")) == exported
    assert one("V0").product.name_zh == "=1+1"
    assert one("V4").product.name_zh == "'=quoted"
    assert one("V1").state is ProductState.HIDDEN


def test_no_cell_of_an_export_is_a_formula(catalogue: None) -> None:
    awkward()
    for pieces in (product_file.export_products("CNY"), prices.export_prices("CNY")):
        cells = joined(pieces).decode("utf-8-sig").replace("\r\n", ",").split(",")
        dangerous = [cell for cell in cells if cell.lstrip('"')[:1] in set("=+@\t")]
        assert dangerous == []
