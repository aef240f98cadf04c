"""The catalogue on the command line."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskCliRunner

from storefront.catalog.models import PriceChange, Product
from storefront.core.database import db
from tests.support import cast

KINDS = ("brands", "categories", "locations", "products", "prices", "stock")


@pytest.fixture
def runner(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_exported_is_imported_unchanged(
    runner: FlaskCliRunner, tmp_path: Path, kind: str
) -> None:
    cast.a_product("=Lamp", stock=3)
    file = tmp_path / f"{kind}.csv"
    exported = runner.invoke(args=["export", kind, str(file)])
    assert exported.exit_code == 0
    imported = runner.invoke(args=["import", kind, str(file)])
    assert imported.exit_code == 0
    assert "0 new, 0 changed, 1 as they were" in imported.output


def test_an_export_can_go_to_the_standard_output(runner: FlaskCliRunner) -> None:
    cast.a_product()
    exported = runner.invoke(args=["export", "prices", "-"])
    assert exported.stdout_bytes.startswith(b"\xef\xbb\xbfvariant_code,price,reason\r\n")


def test_a_new_file_makes_goods(runner: FlaskCliRunner, tmp_path: Path) -> None:
    cast.a_brand()
    cast.a_category()
    file = tmp_path / "products.csv"
    file.write_text(
        "product_code,brand_code,category_code,name_zh,name_en,variant_code,price\n"
        "LAMP,LOOM,LAMPS,台灯,Desk lamp,LAMP-1,19.99\n"
    )
    done = runner.invoke(args=["import", "products", str(file)])
    assert "1 new, 0 changed, 0 as they were" in done.output
    assert db.session.scalars(sa.select(PriceChange.new_price)).all() == [1_999]


def test_a_wrong_file_is_refused_with_a_table_and_status_1(
    runner: FlaskCliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(
        "product_code,brand_code,category_code,name_zh,name_en,variant_code,price\n"
        "LAMP,NONE,NONE,台灯,Desk lamp,LAMP-1,19.999\n"
    )
    refused = runner.invoke(args=["import", "products", str(file)])
    assert refused.exit_code == 1
    assert "wrong_price" in refused.output
    assert db.session.scalar(sa.select(sa.func.count(Product.id))) == 0
