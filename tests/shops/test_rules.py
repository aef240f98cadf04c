"""What a shop may be called."""

import pytest

from storefront.core.errors import Invalid
from storefront.shops.rules import check_handle


@pytest.mark.parametrize("handle", ["fang", "a-b", "abc", "007", "tea-and-cups-2", "x" * 30])
def test_letters_digits_and_hyphens_make_a_handle(handle: str) -> None:
    check_handle(handle)


@pytest.mark.parametrize(
    "handle",
    [
        "",
        "ab",
        "x" * 31,
        "Fang",
        "-fang",
        "fang-",
        "fa--ng",
        "fa ng",
        "fang\n",
        "芳芳芳",
        "a/b/c",
        "...",
    ],
)
def test_anything_else_does_not(handle: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_handle(handle)
    assert refused.value.code == "wrong_handle"


@pytest.mark.parametrize("handle", ["admin", "official", "payroll", "wechat"])
def test_nobody_poses_as_the_chain(handle: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_handle(handle)
    assert refused.value.code == "reserved_handle"
