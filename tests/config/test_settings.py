"""A shop that is set up wrongly does not start, and says why."""

import stat
from pathlib import Path

import pytest

from config.settings import SECRETS, SIGNING_KEY, Settings, SettingsError

PRODUCTION = {
    "STOREFRONT_ENV": "production",
    "DATABASE_URL": "postgresql://shop@database.internal/shop",
    "PUBLIC_BASE_URL": "https://shop.example",
    "ALLOW_SANDBOX_GATEWAY": "true",
    SIGNING_KEY: "0f" * 32,
    **{name: f"{name} that nobody can guess, ever and ever" for name in SECRETS},
}
OF_NO_CONCERN = ("STOREFRONT_ENV", "DATABASE_URL", "PORT", "GATEWAY", "JOBS", "PUBLIC_BASE_URL")


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that says nothing but where files may go."""
    for name in (
        *OF_NO_CONCERN,
        *SECRETS,
        SIGNING_KEY,
        "RETIRED_SIGNING_KEYS",
        "ALLOW_SANDBOX_GATEWAY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INSTANCE_FOLDER", str(tmp_path / "instance"))


def given(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)


def test_a_developer_needs_to_say_nothing(tmp_path: Path) -> None:
    settings = Settings.from_environment()
    assert settings.environment == "development"
    assert settings.database_url == f"sqlite:///{tmp_path}/instance/storefront.sqlite"
    assert settings.public_base_url == "http://127.0.0.1:8000"
    assert settings.chain_currency == "CNY"
    assert settings.chain_time_zone == "Asia/Shanghai"
    assert settings.hold_minutes == 15


def test_links_of_a_development_shop_lead_to_its_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "8123")
    assert Settings.from_environment().public_base_url == "http://127.0.0.1:8123"


def test_made_up_secrets_are_kept_for_the_next_start_and_for_nobody_else(tmp_path: Path) -> None:
    first, second = Settings.from_environment(), Settings.from_environment()
    assert (first.secret_key, first.visitor_secret) == (second.secret_key, second.visitor_secret)
    assert len({first.secret_key, first.jwt_secret_key, first.visitor_secret}) == 3
    assert first.signing_key == second.signing_key
    kept = sorted((tmp_path / "instance").iterdir())
    assert [path.name for path in kept] == ["secrets.env", "signing-key.env"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept} == {0o600}


def test_a_secret_that_is_given_wins_over_the_one_that_was_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = Settings.from_environment()
    monkeypatch.setenv("SECRET_KEY", "s" * 32)
    settings = Settings.from_environment()
    assert settings.secret_key == "s" * 32
    assert settings.jwt_secret_key == kept.jwt_secret_key


def test_production_starts_when_everything_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given(monkeypatch, PRODUCTION)
    settings = Settings.from_environment()
    assert settings.in_production
    assert settings.database_url == "postgresql+psycopg://shop@database.internal/shop"
    assert not (tmp_path / "instance").exists()


def test_production_makes_nothing_up_and_names_all_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("STOREFRONT_ENV", "production")
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    missing = {complaint.partition(":")[0] for complaint in caught.value.complaints}
    assert missing == {
        *SECRETS,
        SIGNING_KEY,
        "DATABASE_URL",
        "PUBLIC_BASE_URL",
        "ALLOW_SANDBOX_GATEWAY",
    }
    assert not (tmp_path / "instance").exists()


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"STOREFRONT_ENV"}))
def test_production_does_without_none_of_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given(monkeypatch, PRODUCTION)
    monkeypatch.delenv(name)
    with pytest.raises(SettingsError, match=f"{name}: Environment variable not set"):
        Settings.from_environment()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STOREFRONT_ENV", "prod"),
        ("SECRET_KEY", "s" * 31),
        ("SIGNING_KEY", "0f" * 31),
        ("SIGNING_KEY", "xy" * 32),
        ("RETIRED_SIGNING_KEYS", "0f, " + "0f" * 32),
        ("DATABASE_URL", "mysql://shop"),
        ("DATABASE_URL", "shop.sqlite"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_POOL_TIMEOUT", "soon"),
        ("PUBLIC_BASE_URL", "shop.example"),
        ("PUBLIC_BASE_URL", "https://shop.example/"),
        ("PUBLIC_BASE_URL", "https://shop.example/de"),
        ("PUBLIC_BASE_URL", "ftp://shop.example"),
        ("TRUSTED_PROXIES", "-1"),
        ("CHAIN_NAME_EN", " "),
        ("CHAIN_CONTACT", "ask in the shop"),
        ("CHAIN_CURRENCY", "yuan"),
        ("CHAIN_TIME_ZONE", "Shanghai"),
        ("HOLD_MINUTES", "0"),
        ("JOBS", "later"),
        ("GATEWAY", "barter"),
        ("PORT", "80000"),
        ("ALLOW_SANDBOX_GATEWAY", "false"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given(monkeypatch, PRODUCTION | {name: value})
    with pytest.raises(SettingsError, match=f"(?m)^  {name}: "):
        Settings.from_environment()


def test_retired_signing_keys_are_told_apart_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {"RETIRED_SIGNING_KEYS": f"{'0F' * 32}, {'1a' * 32},"})
    assert Settings.from_environment().retired_signing_keys == ("0f" * 32, "1a" * 32)


def test_all_complaints_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, {"JOBS": "later", "HOLD_MINUTES": "x", "CHAIN_CURRENCY": "€"})
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    assert len(caught.value.complaints) == 3


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_spoken_to_by_psycopg_3_however_its_address_begins(
    monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://shop@host/shop?sslmode=require")
    settings = Settings.from_environment()
    assert settings.database_url == "postgresql+psycopg://shop@host/shop?sslmode=require"


def test_settings_can_be_logged_without_giving_a_secret_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given(monkeypatch, PRODUCTION)
    words = repr(Settings.from_environment())
    assert "nobody can guess" not in words
    assert "database.internal" not in words
    assert "https://shop.example" in words
