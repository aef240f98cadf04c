"""Coupons take money off orders, line by line.

Revision: coupons
Follows: shop_posts
"""

import sqlalchemy as sa
from alembic import op

revision = "coupons"
down_revision = "shop_posts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# Written out, since SQLite can add a column that refers to another table, and Alembic would rather
# copy the whole table, to which others refer.
ADDED = {
    "carts": ["coupon_id {row} CONSTRAINT fk_carts_coupon_id_coupons REFERENCES coupons (id)"],
    "orders": [
        "coupon_id {row} CONSTRAINT fk_orders_coupon_id_coupons REFERENCES coupons (id)",
        "discount_total BIGINT NOT NULL DEFAULT '0'",
    ],
    "order_lines": ["discount BIGINT NOT NULL DEFAULT '0'"],
}


def upgrade() -> None:
    """One step on."""
    op.create_table(
        "coupons",
        sa.Column("id", BIG, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("amount_off", sa.BigInteger(), nullable=False),
        sa.Column("basis_points", sa.Integer(), nullable=False),
        sa.Column("most_off", sa.BigInteger(), nullable=True),
        sa.Column("least_spend", sa.BigInteger(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("brands", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("most_uses", sa.Integer(), nullable=True),
        sa.Column("most_uses_each", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("uses >= 0", name=op.f("ck_coupons_uses_not_negative")),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_coupons_ends_after_its_start")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupons")),
        sa.UniqueConstraint("code", name=op.f("uq_coupons_code")),
        sa.UniqueConstraint("public_id", name=op.f("uq_coupons_public_id")),
    )
    op.create_index("ix_coupons_state_ends_at", "coupons", ["state", "ends_at"])
    op.create_table(
        "coupon_uses",
        sa.Column("id", BIG, nullable=False),
        sa.Column("coupon_id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["coupon_id"], ["coupons.id"], name=op.f("fk_coupon_uses_coupon_id_coupons")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_coupon_uses_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_coupon_uses_order_id_orders")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_uses")),
        sa.UniqueConstraint("order_id", name=op.f("uq_coupon_uses_order_id")),
    )
    op.create_index(
        "ix_coupon_uses_coupon_id_customer_id", "coupon_uses", ["coupon_id", "customer_id"]
    )
    op.create_table(
        "coupon_guesses",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_coupon_guesses")),
    )
    row = "INTEGER" if op.get_context().dialect.name == "sqlite" else "BIGINT"
    for table, columns in ADDED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column.format(row=row)}")


def downgrade() -> None:
    """The same step back."""
    for table, columns in ADDED.items():
        for column in columns:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column.partition(' ')[0]}")
    op.drop_table("coupon_guesses")
    op.drop_table("coupon_uses")
    op.drop_table("coupons")
