"""Which passwords are kept, how, and which are refused."""

from __future__ import annotations

import importlib.util

import argon2
import pytest

from storefront.core.errors import Invalid
from storefront.staff import passwords

NUMBER, NAME = "E1234", "Lin Xiaoyu"


def refusal_of(password: str, number: str = NUMBER, name: str = NAME) -> str | None:
    try:
        passwords.refuse_weak(password, number, name)
    except Invalid as refused:
        return refused.code
    return None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short 7 x", "password_too_short"),
        ("灯" * 201, "password_too_long"),
        ("my e1234 lamp", "password_has_name"),
        ("XIAOYU likes tea", "password_has_name"),
        ("linxiaoyu 88 teas", "password_has_name"),
        ("1357924680", "password_too_common"),
        ("Password123", "password_too_common"),
        ("p@ssw0rd!2024", "password_too_common"),
        ("qwertyuiop", "password_too_common"),
        ("poiuytrewq", "password_too_common"),
        ("1qaz2wsx3edc", "password_too_common"),
        ("a123456789", "password_too_common"),
        ("woaini1314520", "password_too_common"),
        ("lamplamplamp", "password_too_common"),
        ("abababababab", "password_too_common"),
        ("correcthorsebatterystaple", "password_too_common"),
    ],
)
def test_what_would_be_guessed_is_refused(password: str, code: str) -> None:
    assert refusal_of(password) == code


@pytest.mark.parametrize(
    "password",
    ["a quiet lamp 7 looms", "灯下读书到天明之后才睡", "Tr0mbone/velvet", "vK8#w!ndmill2"],
)
def test_what_would_not_be_guessed_is_taken(password: str) -> None:
    assert refusal_of(password) is None


def test_a_chinese_name_of_two_characters_counts_and_a_short_latin_one_does_not() -> None:
    assert refusal_of("王芳的灯下读书到天明", name="王芳") == "password_has_name"
    assert refusal_of("a linden grove of li", name="Li") is None


def test_a_staff_number_of_two_digits_forbids_nothing() -> None:
    assert refusal_of("a quiet lamp 12 looms", number="12") is None


def test_a_password_matches_only_itself_however_it_is_spelt() -> None:
    kept = passwords.hash_password("Ｑuiet lamp é")
    assert passwords.password_matches(kept, "Quiet lamp e\u0301")
    assert not passwords.password_matches(kept, "quiet lamp é")
    assert not passwords.password_matches(None, "Quiet lamp é")
    assert not passwords.password_matches("no hash at all", "Quiet lamp é")


def test_hashes_cost_what_owasp_asks_for_and_nobodys_as_much() -> None:
    # Tests run with a cheap hasher: this reads the module afresh for the real one.
    spec = importlib.util.find_spec("storefront.staff.passwords")
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    kept = argon2.extract_parameters(fresh.hash_password("a quiet lamp"))
    assert kept == argon2.extract_parameters(passwords.NOBODYS_HASH)
    assert (kept.type, kept.memory_cost, kept.time_cost, kept.parallelism) == (
        argon2.Type.ID,
        19456,
        2,
        1,
    )
