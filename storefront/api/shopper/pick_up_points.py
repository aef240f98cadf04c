"""The stores where orders can be collected."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from storefront.api.shopper.schemas import PickUpPointList, show_point
from storefront.catalog import locations

blueprint = Blueprint(
    "shopper_pick_up_points",
    __name__,
    url_prefix="/api/v1/shopper/pick-up-points",
    description="Where orders can be collected",
)


@blueprint.route("")
@blueprint.response(200, PickUpPointList)
def list_points() -> dict[str, Any]:
    """List the stores where an order can be collected."""
    return {"items": [show_point(point) for point in locations.pick_up_points()]}
