"""The signed-in employee as they see themselves."""

from __future__ import annotations

from marshmallow import fields

from storefront.api.schemas import Schema
from storefront.api.seller import guard
from storefront.staff import service
from storefront.staff.models import Employee, EmploymentState, Role

blueprint = guard.blueprint("seller_me", "me", "Who is signed in")


class OwnStoreSchema(Schema):
    """The store one works for."""

    id = fields.String(attribute="public_id", metadata={"example": "sto_7kqdx2fm9rtv4hjp"})
    code = fields.String(metadata={"example": "S01"})
    name_zh = fields.String(metadata={"example": "南京路店"})
    name_en = fields.String(metadata={"example": "Nanjing Road"})


class MeSchema(Schema):
    """Oneself."""

    id = fields.String(attribute="public_id", metadata={"example": "emp_7kqdx2fm9rtv4hjp"})
    number = fields.String(metadata={"example": "E0001"})
    name = fields.String(metadata={"example": "林小雨"})
    phone = fields.String(allow_none=True, metadata={"example": "+8613800138000"})
    role = fields.Enum(Role, by_value=True)
    state = fields.Enum(EmploymentState, by_value=True)
    store = fields.Nested(OwnStoreSchema)


@blueprint.route("")
@blueprint.response(200, MeSchema)
def read_me() -> Employee:
    """Who am I, where do I work, and as what?"""
    return service.find_by_id(guard.employee_id())
