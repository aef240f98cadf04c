"""The roster as a file, and the chain's tree of regions and stores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from storefront.api import described
from storefront.api.csv_files import CSV, ImportedSchema, csv_answer, csv_body, takes_csv
from storefront.api.hq import guard
from storefront.api.hq.staff_schemas import RegionList, StorePage
from storefront.api.pagination import key_of, page
from storefront.api.schemas import PageQuery
from storefront.core import clock
from storefront.core.csvfile import Imported
from storefront.staff import roster as rosters
from storefront.staff import store_file, stores
from storefront.staff.models import Region, Role

roster = guard.blueprint("hq_roster", "roster", "All employees in one CSV file")
stores_blueprint = guard.blueprint("hq_stores", "stores", "The chain's houses")
regions_blueprint = guard.blueprint("hq_regions", "regions", "Groups of stores")

ROSTER_EXAMPLE = (
    "number,name,phone,store_code,role,state\r\nE0001,林小雨,13800138000,S01,employee,\r\n"
)
STORES_EXAMPLE = (
    "code,name_zh,name_en,region_code,region_name_zh,region_name_en\r\n"
    "S01,南京路店,Nanjing Road,EAST,华东,East\r\n"
)


@roster.route("")
@roster.response(200, {"type": "string"}, content_type=CSV)
def export_roster() -> Response:
    """Save the roster as a CSV file; taking it in again changes nothing."""
    return csv_answer(rosters.export_roster(), "roster.csv")


@roster.route("/imports", methods=["POST"])
@described.errors(roster, {413: "too_large", 415: "unsupported_media_type"})
@takes_csv(roster, ROSTER_EXAMPLE)
@roster.response(200, ImportedSchema)
def import_roster() -> Imported:
    """Take a roster in: all of it, or nothing if a line is wrong.

    People are known by their number: new ones are hired, known ones changed where they differ, and
    those missing from the file stay. An empty phone takes the phone away; an empty or absent state
    leaves states alone. HQ operations may add people outside of headquarters and correct names,
    phones and stores; roles and states are for admins.
    """
    guard.require_role(Role.HQ_ADMIN, Role.HQ_OPERATIONS)
    return rosters.import_roster(csv_body(), guard.actor(), clock.now())


@stores_blueprint.route("")
@described.errors(stores_blueprint, {422: "wrong_cursor, invalid_fields"})
@stores_blueprint.arguments(PageQuery, location="query")
@stores_blueprint.response(200, StorePage)
def list_stores(query: dict[str, Any]) -> dict[str, Any]:
    """List stores with their regions, in the order they were opened."""
    found = stores.stores(key_of(query.get("after")) or 0, query["limit"] + 1)
    return page(found, query["limit"], lambda store: store.id, lambda store: store)


@stores_blueprint.route("/imports", methods=["POST"])
@described.errors(stores_blueprint, {413: "too_large", 415: "unsupported_media_type"})
@takes_csv(stores_blueprint, STORES_EXAMPLE)
@stores_blueprint.response(200, ImportedSchema)
def import_stores() -> Imported:
    """Take stores and regions in: all of them, or nothing if a line is wrong.

    Stores are known by their code. A region that is new needs its names in the file.
    """
    guard.require_role(Role.HQ_ADMIN)
    return store_file.import_stores(csv_body(), guard.actor())


@regions_blueprint.route("")
@regions_blueprint.response(200, RegionList)
def list_regions() -> dict[str, Sequence[Region]]:
    """List the regions, by their codes."""
    return {"items": stores.regions()}
