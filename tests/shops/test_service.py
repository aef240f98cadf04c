"""An employee opens, edits, closes and reopens a shop."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from storefront.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from storefront.shops import service
from storefront.shops.models import ShopState
from storefront.staff.models import EmploymentState
from tests.support import cast

NOW = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)


def test_an_employee_opens_a_shop(app: Flask) -> None:
    employee = cast.an_employee()
    shop = service.open_shop(employee.id, handle="fang", title="芳的店", words="你好", now=NOW)
    assert (shop.handle, shop.title, shop.words) == ("fang", "芳的店", "你好")
    assert (shop.state, shop.version, shop.opened_at) == (ShopState.OPEN, 1, NOW)
    assert service.is_open(service.own_shop(employee.id))


def test_nobody_has_two_shops(app: Flask) -> None:
    employee = cast.a_shop().employee
    with pytest.raises(Conflict, match="shop_exists"):
        service.open_shop(employee.id, handle="second", title="Second", now=NOW)


def test_no_two_shops_have_one_handle(app: Flask) -> None:
    cast.a_shop(handle="fang")
    with pytest.raises(Conflict, match="handle_taken"):
        cast.a_shop(handle="fang")


def test_a_reserved_handle_is_refused(app: Flask) -> None:
    with pytest.raises(Invalid, match="reserved_handle"):
        cast.a_shop(handle="official")


@pytest.mark.parametrize("state", [EmploymentState.SUSPENDED, EmploymentState.LEFT])
def test_only_active_employees_open_shops(app: Flask, state: EmploymentState) -> None:
    employee = cast.an_employee(state=state)
    with pytest.raises(Forbidden, match="employee_not_active"):
        cast.a_shop(employee)


def test_who_has_no_shop_is_told_so(app: Flask) -> None:
    employee = cast.an_employee()
    with pytest.raises(NotFound, match="no_shop"):
        service.own_shop(employee.id)
    with pytest.raises(NotFound, match="no_shop"):
        service.edit(employee.id, 1, title="New")
    with pytest.raises(NotFound, match="no_shop"):
        service.close(employee.id, NOW)


def test_an_edit_raises_the_version_and_leaves_the_rest(app: Flask) -> None:
    shop = cast.a_shop(words="Old words")
    edited = service.edit(shop.employee_id, 1, title="New title")
    assert (edited.title, edited.words, edited.version) == ("New title", "Old words", 2)


def test_an_edit_of_an_older_version_changes_nothing(app: Flask) -> None:
    shop = cast.a_shop()
    service.edit(shop.employee_id, 1, title="Second")
    with pytest.raises(Stale):
        service.edit(shop.employee_id, 1, title="Third")
    after = service.own_shop(shop.employee_id)
    assert (after.title, after.version) == ("Second", 2)


def test_a_closed_shop_lets_nobody_in_until_it_is_reopened(app: Flask) -> None:
    shop = cast.a_shop()
    closed = service.close(shop.employee_id, NOW)
    assert (service.is_open(closed), closed.closed_at, closed.version) == (False, NOW, 2)
    opened = service.reopen(shop.employee_id)
    assert (service.is_open(opened), opened.closed_at, opened.version) == (True, None, 3)


def test_closing_or_reopening_twice_changes_nothing(app: Flask) -> None:
    shop = cast.a_shop()
    assert service.reopen(shop.employee_id).version == 1
    service.close(shop.employee_id, NOW)
    assert service.close(shop.employee_id, NOW).version == 2


@pytest.mark.parametrize("state", [EmploymentState.SUSPENDED, EmploymentState.LEFT])
def test_the_shop_of_somebody_who_went_is_not_open_and_cannot_be_changed(
    app: Flask, state: EmploymentState
) -> None:
    shop = cast.a_shop()
    cast.leaves(shop.employee, state)
    assert not service.is_open(service.own_shop(shop.employee_id))
    with pytest.raises(Forbidden, match="employee_not_active"):
        service.edit(shop.employee_id, 1, title="Mine for ever")
    with pytest.raises(Forbidden, match="employee_not_active"):
        service.close(shop.employee_id, NOW)
