"""What headquarters sees of staff and stores, and what it may send."""

from __future__ import annotations

from marshmallow import fields

from storefront.api.schemas import PageQuery, Schema, Time, list_of, text
from storefront.staff.models import EmploymentState, Role
from storefront.staff.rules import LONGEST_GRADE

PHONE = {"example": "+8613800138000"}
NAME = {"example": "林小雨"}
NUMBER = {"example": "E0001"}
STORE = {"example": "sto_7kqdx2fm9rtv4hjp"}
GRADE = {"example": "senior", "description": "What commission plans call them by; empty: none"}


class NewEmployee(Schema):
    """Somebody to be hired."""

    number = text(32, required=True, metadata=NUMBER)
    name = text(80, required=True, metadata=NAME)
    phone = text(40, load_default=None, allow_none=True, metadata=PHONE)
    store = text(40, required=True, metadata=STORE)
    role = fields.Enum(Role, by_value=True, load_default=Role.EMPLOYEE)
    grade = text(LONGEST_GRADE, 0, load_default="", metadata=GRADE)


class EmployeeChange(Schema):
    """What shall be different; what is absent stays."""

    name = text(80, metadata=NAME)
    phone = text(40, allow_none=True, metadata=PHONE)
    store = text(40, metadata=STORE)
    role = fields.Enum(Role, by_value=True)
    grade = text(LONGEST_GRADE, 0, metadata=GRADE)


class EmploymentReason(Schema):
    """Why, for the history."""

    reason = text(200, load_default="", shortest=0, metadata={"example": "Parental leave"})


class EmployeeQuery(PageQuery):
    """Which employees to list."""

    store = text(40, metadata=STORE)
    role = fields.Enum(Role, by_value=True)
    state = fields.Enum(EmploymentState, by_value=True)
    q = text(40, metadata={"description": "Part of a name or a staff number", "example": "小雨"})


class StoreInShortSchema(Schema):
    """A house of the chain, by its names."""

    id = fields.String(attribute="public_id", metadata=STORE)
    code = fields.String(metadata={"example": "S01"})
    name_zh = fields.String(metadata={"example": "南京路店"})
    name_en = fields.String(metadata={"example": "Nanjing Road"})


class EmployeeSchema(Schema):
    """An employee."""

    id = fields.String(attribute="public_id", metadata={"example": "emp_7kqdx2fm9rtv4hjp"})
    number = fields.String(metadata=NUMBER)
    name = fields.String(metadata=NAME)
    phone = fields.String(allow_none=True, metadata=PHONE)
    role = fields.Enum(Role, by_value=True)
    grade = fields.String(metadata=GRADE)
    state = fields.Enum(EmploymentState, by_value=True)
    store = fields.Nested(StoreInShortSchema)
    created_at = Time()


class EmployeePage(Schema):
    """Some employees, and where to go on."""

    items = list_of(EmployeeSchema)
    next = fields.String(allow_none=True)


class EmploymentStepSchema(Schema):
    """One step of an employment."""

    at = Time()
    state = fields.Enum(EmploymentState, by_value=True)
    role = fields.Enum(Role, by_value=True)
    store_code = fields.String(metadata={"example": "S01"})
    by_number = fields.String(allow_none=True, metadata={"description": "Null: the program"})
    reason = fields.String(metadata={"example": "hired"})


class OneEmployeeSchema(EmployeeSchema):
    """An employee with their history."""

    history = list_of(EmploymentStepSchema)
    code_open_until = Time(
        allow_none=True, metadata={"description": "When an unused one-time code runs out"}
    )


class OneTimeCodeSchema(Schema):
    """A one-time code, shown this once."""

    code = fields.String(metadata={"example": "7kqd-x2fm-9rtv"})
    expires_at = Time()


class RegionSchema(Schema):
    """A group of stores."""

    code = fields.String(metadata={"example": "EAST"})
    name_zh = fields.String(metadata={"example": "华东"})
    name_en = fields.String(metadata={"example": "East"})


class StoreSchema(StoreInShortSchema):
    """A house of the chain, with its region."""

    region = fields.Nested(RegionSchema)


class StorePage(Schema):
    """Some stores, and where to go on."""

    items = list_of(StoreSchema)
    next = fields.String(allow_none=True)


class RegionList(Schema):
    """Every region."""

    items = list_of(RegionSchema)
