"""Every setting of the shop, read once from the environment when the program starts.

A value that is missing or makes no sense stops the program there and then, with all complaints at
once. Nothing else reads the environment: what needs a setting is handed it.
"""

import os
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from environs import Env, EnvValidationError
from marshmallow import ValidationError
from marshmallow.validate import Equal, OneOf, Range, Regexp

PROJECT_FOLDER = Path(__file__).resolve().parent.parent

Environment = Literal["development", "test", "production"]
Jobs = Literal["thread", "off"]
Gateway = Literal["sandbox"]
Choice = TypeVar("Choice", bound=str)

ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
JOBS: tuple[Jobs, ...] = get_args(Jobs)
GATEWAYS: tuple[Gateway, ...] = get_args(Gateway)

SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY", "VISITOR_SECRET", "SANDBOX_GATEWAY_SECRET")

SIGNING_KEY = "SIGNING_KEY"
"""What statements are signed with: an Ed25519 key's 32 secret bytes, in hexadecimal digits."""

SHORTEST_SECRET = 32
"""Bytes. HS256 wants a key at least as long as its hash (RFC 7518, section 3.2)."""

DRIVERS = {
    "sqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
"""How a database address may begin, and how SQLAlchemy is told: PostgreSQL is psycopg 3's."""


class SettingsError(ValueError):
    """The environment does not describe a shop that may be started."""

    def __init__(self, complaints: list[str]) -> None:
        self.complaints = complaints
        super().__init__("\n  ".join(["These settings need attention:", *complaints]))


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What may differ between two installations of the shop. The README tells of each."""

    environment: Environment
    instance_folder: Path
    """Where the program keeps files of its own: the SQLite file, development's secrets."""

    secret_key: str = field(repr=False)
    jwt_secret_key: str = field(repr=False)
    visitor_secret: str = field(repr=False)
    sandbox_gateway_secret: str = field(repr=False)

    signing_key: str = field(repr=False)
    """The Ed25519 key that statements are signed with: 32 secret bytes as 64 hexadecimal digits."""
    retired_signing_keys: tuple[str, ...] = ()
    """Public keys of earlier signing keys, in the same digits: what they signed stays genuine."""

    database_url: str = field(repr=False)
    database_pool_size: int = 5
    """Connections that one process keeps open: one for each request thread, one for the jobs."""
    database_pool_overflow: int = 5
    database_pool_timeout: float = 3.0
    """Seconds that a request waits for a connection before it is told to come back later."""

    public_base_url: str
    """Where people reach the shop, without a slash at the end."""
    trusted_proxies: int = 0
    """How many proxies in front of the shop may be believed about X-Forwarded-*."""

    chain_name_en: str = "Reedbank"
    chain_name_zh: str = "苇汀百货"
    chain_legal_name: str = ""
    """Who the customer's contract is with, as the register has it; empty: the chain's name."""
    chain_contact: str = ""
    """A telephone number or an e-mail address that customers may use; empty: none is shown."""
    chain_currency: str = "CNY"
    chain_time_zone: str = "Asia/Shanghai"
    """The zone, by its IANA name, in which the chain's days and months begin."""

    hold_minutes: int = 15
    """How long a checkout keeps its goods aside before others may buy them."""

    payout_minimum: int = 0
    """In minor units: who is owed less waits for a later payout batch."""
    payout_second_approval_from: int = 0
    """In minor units: a payout batch of this total wants two approvals. 0: one always does."""
    payroll_needs_identity: bool = False
    """Whether nobody is paid out whose identity document payroll does not know."""
    return_days: int = 7
    """How long after hand-over a customer may ask to give something back."""

    jobs: Jobs = "thread"
    """Who carries out the job rows: a thread in each process, or `flask work` elsewhere."""
    gateway: Gateway = "sandbox"

    @property
    def in_production(self) -> bool:
        """Whether real people are served, and nothing may be made up."""
        return self.environment == "production"

    @classmethod
    def from_environment(cls) -> Self:
        """Read the settings from environment variables.

        Outside production everything has a default; secrets that are not given are made up at the
        first start and kept in the instance folder.

        Raises:
            SettingsError: naming every variable that is missing or not acceptable.
        """
        env = Env(eager=False)
        environment: Environment = _choice(env, "STOREFRONT_ENV", ENVIRONMENTS)
        made_up = environment in ("development", "test")
        folder = env.path("INSTANCE_FOLDER", PROJECT_FOLDER / "instance")
        port = env.int("PORT", 8000, validate=Range(1, 65535))
        kept: dict[str, str] = {}
        if made_up and not _all_given(SECRETS):
            kept |= _kept(folder / "secrets.env", SECRETS)
        if made_up and not _all_given((SIGNING_KEY,)):
            # In a file of its own: what it signed is lost with it, so it outlives the others.
            kept |= _kept(folder / "signing-key.env", (SIGNING_KEY,))
        settings = cls(
            environment=environment,
            instance_folder=folder,
            secret_key=_secret(env, "SECRET_KEY", kept),
            jwt_secret_key=_secret(env, "JWT_SECRET_KEY", kept),
            visitor_secret=_secret(env, "VISITOR_SECRET", kept),
            sandbox_gateway_secret=_secret(env, "SANDBOX_GATEWAY_SECRET", kept),
            signing_key=_text(env, SIGNING_KEY, kept.get(SIGNING_KEY), _is_a_key),
            retired_signing_keys=_keys(env, "RETIRED_SIGNING_KEYS"),
            database_url=_text(
                env,
                "DATABASE_URL",
                f"sqlite:///{folder / 'storefront.sqlite'}" if made_up else None,
                _is_a_database,
            ),
            database_pool_size=env.int("DATABASE_POOL_SIZE", 5, validate=Range(1, 500)),
            database_pool_overflow=env.int("DATABASE_POOL_OVERFLOW", 5, validate=Range(0, 500)),
            database_pool_timeout=env.float("DATABASE_POOL_TIMEOUT", 3.0, validate=Range(0.1, 60)),
            public_base_url=_text(
                env,
                "PUBLIC_BASE_URL",
                f"http://127.0.0.1:{port}" if made_up else None,
                _is_a_base_url,
            ),
            trusted_proxies=env.int("TRUSTED_PROXIES", 0, validate=Range(0, 10)),
            chain_name_en=env.str("CHAIN_NAME_EN", cls.chain_name_en, validate=_is_said),
            chain_name_zh=env.str("CHAIN_NAME_ZH", cls.chain_name_zh, validate=_is_said),
            chain_legal_name=env.str("CHAIN_LEGAL_NAME", ""),
            chain_contact=env.str(
                "CHAIN_CONTACT", "service@reedbank.example" if made_up else "", validate=_is_contact
            ),
            chain_currency=env.str(
                "CHAIN_CURRENCY", cls.chain_currency, validate=Regexp(r"[A-Z]{3}\Z")
            ),
            chain_time_zone=env.str(
                "CHAIN_TIME_ZONE", cls.chain_time_zone, validate=_is_a_time_zone
            ),
            hold_minutes=env.int("HOLD_MINUTES", 15, validate=Range(1, 24 * 60)),
            payout_minimum=env.int("PAYOUT_MINIMUM", 0, validate=Range(0, 10**15)),
            payout_second_approval_from=env.int(
                "PAYOUT_SECOND_APPROVAL_FROM", 0, validate=Range(0, 10**15)
            ),
            payroll_needs_identity=env.bool("PAYROLL_NEEDS_IDENTITY", False),
            return_days=env.int("RETURN_DAYS", 7, validate=Range(0, 365)),
            jobs=_choice(env, "JOBS", JOBS),
            gateway=_gateway(env, made_up=made_up),
        )
        try:
            env.seal()
        except EnvValidationError as error:
            raise SettingsError(_complaints(error)) from error
        return replace(settings, database_url=_as_sqlalchemy_spells(settings.database_url))

    @classmethod
    def for_tests(cls, *, database_url: str, **overrides: Any) -> Self:
        """Give the settings that tests run under: known secrets, and no jobs behind one's back.

        `overrides` are fields of this class.
        """
        values: dict[str, Any] = {
            "environment": "test",
            "instance_folder": PROJECT_FOLDER / "instance",
            "database_url": database_url,
            "public_base_url": "http://shop.test",
            "jobs": "off",
        }
        values["signing_key"] = "5e" * 32
        values |= {name.lower(): f"the tests' own {name} of 32 bytes and more" for name in SECRETS}
        return cls(**(values | overrides))


def _text(env: Env, variable: str, default: str | None, check: Callable[[str], None]) -> str:
    """Read a text; without a default it must be given."""
    if default is None:
        return env.str(variable, validate=check)
    return env.str(variable, default, validate=check)


def _secret(env: Env, variable: str, kept: dict[str, str]) -> str:
    return _text(env, variable, kept.get(variable), _is_long_enough)


def _keys(env: Env, variable: str) -> tuple[str, ...]:
    """Read keys with commas between them."""

    def each_is_one(text: str) -> None:
        for key in _parted(text):
            _is_a_key(key)

    # What is refused comes back as None, to be complained of with everything else.
    return tuple(_parted((env.str(variable, "", validate=each_is_one) or "").lower()))


def _parted(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _choice(env: Env, variable: str, choices: tuple[Choice, ...]) -> Choice:
    """Read one of `choices`, of which the first is the default."""
    chosen = env.str(variable, choices[0], validate=OneOf(choices))
    return next((choice for choice in choices if choice == chosen), choices[0])


def _gateway(env: Env, *, made_up: bool) -> Gateway:
    gateway: Gateway = _choice(env, "GATEWAY", GATEWAYS)
    if gateway == "sandbox" and not made_up:
        meant = Equal(comparable=True, error="The sandbox moves no money: say true if it is meant.")
        env.bool("ALLOW_SANDBOX_GATEWAY", validate=meant)
    return gateway


def _is_contact(text: str) -> None:
    if text and not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9][0-9 -]{4,}", text):
        raise ValidationError("Must be a telephone number or an e-mail address.")


def _is_said(text: str) -> None:
    if not text.strip():
        raise ValidationError("Must not be empty.")


def _is_long_enough(secret: str) -> None:
    if len(secret.encode()) < SHORTEST_SECRET:
        raise ValidationError(f"Must have at least {SHORTEST_SECRET} bytes that nobody can guess.")


def _is_a_key(text: str) -> None:
    if len(text) != 64 or set(text.lower()) - set("0123456789abcdef"):
        raise ValidationError("Must be 32 bytes, written as 64 hexadecimal digits.")


def _is_a_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("Is not the name of a time zone, like Asia/Shanghai.")


def _is_a_database(url: str) -> None:
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in DRIVERS:
        raise ValidationError("Must begin with sqlite:// or postgresql://.")


def _is_a_base_url(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or url.count("/") != 2:
        raise ValidationError("Must look like https://shop.example, with nothing behind it.")


def _as_sqlalchemy_spells(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{DRIVERS[scheme]}://{rest}"


def _complaints(error: EnvValidationError) -> list[str]:
    by_variable: dict[str, list[str]] = dict(error.error_messages)  # pyright: ignore
    return [f"{variable}: {' '.join(said)}" for variable, said in sorted(by_variable.items())]


def _all_given(names: Sequence[str]) -> bool:
    return all(os.environ.get(name) for name in names)


def _kept(path: Path, names: Sequence[str]) -> dict[str, str]:
    """Read this machine's secrets: made up at the first start, so that sign-ins outlive others."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.stem}.{secrets.token_hex(8)}")
        draft.touch(mode=0o600)
        draft.write_text("".join(f"{name}={secrets.token_hex(32)}\n" for name in names))
        try:
            # Processes may start at once: linking lets exactly one draft become the file, whole.
            path.hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    lines = (line.partition("=") for line in path.read_text().splitlines())
    return {name: value for name, _, value in lines}
