"""Staff on the command line: the roster, the stores, the first admin."""

from __future__ import annotations

from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from storefront.cli.exports import NEW_FILE, exports, write
from storefront.cli.imports import CSV_FILE, imports, take_in
from storefront.core import clock
from storefront.core.actor import SYSTEM
from storefront.core.database import db, transaction
from storefront.core.errors import DomainError
from storefront.staff import invitations, roster, service, store_file, stores
from storefront.staff.models import Employee, Region, Role, Store

HEADQUARTERS = "HQ"


@imports.command("roster")
@click.argument("file", type=CSV_FILE)
def import_roster(file: Path) -> None:
    """Take employees in: number,name,phone,store_code,role and, if you like, state,left_at,grade.

    For payroll: identity_type,identity_number, which no export of the roster gives out.
    """
    now = clock.now()
    take_in(file, lambda source: roster.import_roster(source, SYSTEM, now))


@imports.command("stores")
@click.argument("file", type=CSV_FILE)
def import_stores(file: Path) -> None:
    """Take stores in: code,name_zh,name_en,region_code and the names of new regions.

    These are in the columns region_name_zh and region_name_en; company is the legal person that
    pays there.
    """
    take_in(file, lambda source: store_file.import_stores(source, SYSTEM))


@exports.command("roster")
@click.argument("file", type=NEW_FILE)
def export_roster(file: Path) -> None:
    """Write the roster."""
    write(file, roster.export_roster())


@click.command("create-admin")
@click.argument("number")
@click.argument("name")
@with_appcontext
def create_admin(number: str, name: str) -> None:
    """Hire an HQ admin with a staff NUMBER, and print a one-time code for their password.

    If they are there already, they only get another code: the way back in for whoever is locked
    out. A chain without any store gets one for headquarters.
    """
    try:
        with transaction():
            code = invitations.invite(_admin_id(number, name), SYSTEM, clock.now())
    except DomainError as refusal:
        raise click.ClickException(refusal.detail) from refusal
    click.echo(f"One-time code for {number}: {code.code}")
    click.echo(f"It sets the password once, until {code.expires_at:%Y-%m-%d %H:%M} UTC.")


def _admin_id(number: str, name: str) -> int:
    there = db.session.scalar(sa.select(Employee).where(Employee.number == number))
    if there is None:
        role = Role.HQ_ADMIN
        details = service.Details(name=name, phone=None, store_id=_headquarters_id(), role=role)
        return service.hire(number, details, SYSTEM, clock.now()).id
    if there.role is not Role.HQ_ADMIN:
        raise click.ClickException(f"{number} is {there.name}, who is no HQ admin.")
    return there.id


def _headquarters_id() -> int:
    store_id = db.session.scalar(sa.select(Store.id).where(Store.code == HEADQUARTERS))
    if store_id:
        return store_id
    region = db.session.scalar(sa.select(Region).where(Region.code == HEADQUARTERS))
    region = region or stores.open_region(HEADQUARTERS, "总部", "Headquarters")
    return stores.open_store(HEADQUARTERS, "总部", "Headquarters", region.id).id
