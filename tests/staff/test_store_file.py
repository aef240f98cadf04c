"""Regions and stores from a CSV file."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from storefront.core.actor import SYSTEM
from storefront.core.csvfile import Imported
from storefront.core.database import db
from storefront.core.errors import Forbidden, Invalid
from storefront.staff import store_file, stores
from storefront.staff.models import Role, Store
from tests.support import cast

HEADER = "code,name_zh,name_en,region_code,region_name_zh,region_name_en"


def import_lines(*lines: str, header: str = HEADER) -> Imported:
    content = "".join(f"{line}\n" for line in (header, *lines))
    return store_file.import_stores(content.encode(), SYSTEM)


def complaints_about(*lines: str) -> list[str]:
    with pytest.raises(Invalid, match="wrong_file") as refused:
        import_lines(*lines)
    return [
        f"{line['line']} {line['column']} {line['code']}" for line in refused.value.extra["lines"]
    ]


def test_stores_and_their_regions_are_opened(app: Flask) -> None:
    done = import_lines(
        "S1,南京路店,Nanjing Road,EAST,华东,East",
        "S2,徐汇店,Xuhui,EAST,,",
        "S3,天河店,Tianhe,SOUTH,华南,South",
    )
    assert done == Imported(new=3, changed=0, same=0)
    assert [region.code for region in stores.regions()] == ["EAST", "SOUTH"]
    assert [(store.code, store.region.name_en) for store in stores.stores(0, 10)] == [
        ("S1", "East"),
        ("S2", "East"),
        ("S3", "South"),
    ]


def test_the_same_file_again_changes_nothing_and_a_new_one_what_differs(app: Flask) -> None:
    import_lines("S1,南京路店,Nanjing Road,EAST,华东,East", "S2,徐汇店,Xuhui,EAST,,")
    again = import_lines("S1,南京路店,Nanjing Road,EAST,华东,East")
    assert again == Imported(new=0, changed=0, same=1)
    done = import_lines("S1,新店,New,NORTH,华北,North", "S3,店,Store,EAST,东区,Eastern")
    assert done == Imported(new=1, changed=1, same=0)
    assert [region.name_en for region in stores.regions()] == ["Eastern", "North"]
    assert db.session.scalar(sa.select(sa.func.count(Store.id))) == 3


def test_the_regions_names_may_be_left_out_when_it_is_known(app: Flask) -> None:
    cast.a_region("EAST")
    done = import_lines("S1,店,Store,EAST", header="code,name_zh,name_en,region_code")
    assert done.new == 1


def test_every_complaint_is_told_and_nothing_is_done(app: Flask) -> None:
    assert complaints_about(
        "S1,店,Store,EAST,华东,East",
        "S1,店,Store,EAST,,",
        "S 2,店,Store,EAST,,",
        "S3,,Store,EAST,,",
        "S4,店,Store,WEST,,",
        "S5,店,Store,EAST,东,Orient",
    ) == [
        "3 code code_twice",
        "4 code wrong_code",
        "5 name_zh wrong_name",
        "6 region_code unknown_region",
        "7 region_name_zh region_differs",
    ]
    assert stores.stores(0, 10) == []
    assert stores.regions() == []


def test_only_admins_open_stores(app: Flask) -> None:
    for role in Role:
        if role is not Role.HQ_ADMIN:
            actor = cast.actor_of(cast.an_employee(role=role))
            with pytest.raises(Forbidden, match="needs_admin"):
                store_file.import_stores(f"{HEADER}\n".encode(), actor)


def test_a_store_names_the_company_that_pays_there(app: Flask) -> None:
    header = f"{HEADER},company"
    import_lines("S1,店,Store,EAST,华东,East,苇汀商业有限公司", header=header)
    import_lines("S1,店,Store,EAST,华东,East")

    def company() -> str:
        db.session.expire_all()
        return stores.find_store_by_code("S1").company

    assert company() == "苇汀商业有限公司"
    done = import_lines("S1,店,Store,EAST,华东,East,", header=header)
    assert (done.changed, company()) == (1, "")
