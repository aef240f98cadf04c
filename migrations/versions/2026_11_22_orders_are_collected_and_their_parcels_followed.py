"""Orders may be collected at a location, and their parcels be followed.

Revision: pick_up
Follows: previews
"""

import sqlalchemy as sa
from alembic import op

revision = "pick_up"
down_revision = "previews"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_LOCATIONS = ("address_zh", "address_en", "opening_zh", "opening_en")
OF_ORDERS = (
    "pick_up_name_zh",
    "pick_up_name_en",
    "pick_up_address_zh",
    "pick_up_address_en",
    "pick_up_code",
)


def upgrade() -> None:
    """One step on."""
    is_pick_up = sa.Column("is_pick_up", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("locations", is_pick_up)
    for name in OF_LOCATIONS:
        op.add_column("locations", sa.Column(name, sa.String(), server_default="", nullable=False))
    fulfilment = sa.Enum("delivery", "pick_up", name="fulfilment", native_enum=False, length=32)
    op.add_column(
        "orders", sa.Column("fulfilment", fulfilment, server_default="delivery", nullable=False)
    )
    # In the column itself: SQLite would otherwise copy all orders to another table.
    place = sa.ForeignKey("locations.id", name=op.f("fk_orders_pick_up_location_id_locations"))
    op.add_column(
        "orders",
        sa.Column("pick_up_location_id", ID, place, nullable=True),
        inline_references=True,
    )
    for name in OF_ORDERS:
        op.add_column("orders", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.create_table(
        "dispatches",
        sa.Column("id", ID, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("sent", "ready_for_pick_up", name="dispatchkind", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("carrier", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("tracking_url", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_employee_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_dispatches_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatches")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dispatches_public_id")),
    )
    op.create_index(op.f("ix_dispatches_order_id"), "dispatches", ["order_id"])
    op.create_table(
        "pick_up_tries",
        sa.Column("order_id", ID, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_pick_up_tries_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_pick_up_tries")),
    )


def downgrade() -> None:
    """The same step back."""
    op.drop_table("pick_up_tries")
    op.drop_table("dispatches")
    for name in ("fulfilment", "pick_up_location_id", *OF_ORDERS):
        op.drop_column("orders", name)
    for name in ("is_pick_up", *OF_LOCATIONS):
        op.drop_column("locations", name)
