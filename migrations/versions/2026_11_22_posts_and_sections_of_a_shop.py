"""A shop has posts, and sections for its goods; a link may lead to a post.

Revision: shop_posts
Follows: pick_up
"""

import sqlalchemy as sa
from alembic import op

revision = "shop_posts"
down_revision = "pick_up"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """One step on."""
    op.create_table(
        "sections",
        sa.Column("id", ROW, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("shop_id", ROW, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_sections_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sections")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sections_public_id")),
        sa.UniqueConstraint("shop_id", "title", name=op.f("uq_sections_shop_id_title")),
    )
    op.create_table(
        "posts",
        sa.Column("id", ROW, nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("shop_id", ROW, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("picture_id", ROW, nullable=True),
        sa.Column(
            "state",
            sa.Enum("published", "taken_down", name="poststate", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_posts_picture_id_pictures")
        ),
        sa.ForeignKeyConstraint(["shop_id"], ["shops.id"], name=op.f("fk_posts_shop_id_shops")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sa.UniqueConstraint("public_id", name=op.f("uq_posts_public_id")),
    )
    op.create_index("ix_posts_shop_id_id", "posts", ["shop_id", "id"])
    op.create_table(
        "post_products",
        sa.Column("post_id", ROW, nullable=False),
        sa.Column("product_id", ROW, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["posts.id"], name=op.f("fk_post_products_post_id_posts")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_post_products_product_id_products")
        ),
        sa.PrimaryKeyConstraint("post_id", "product_id", name=op.f("pk_post_products")),
    )
    _refer("listings", "section_id", "sections")
    op.create_index(op.f("ix_listings_section_id"), "listings", ["section_id"])
    _refer("share_links", "post_id", "posts")


def downgrade() -> None:
    """The same step back: links to posts lead to their shops, as to a post that was taken down."""
    op.drop_column("share_links", "post_id")
    op.drop_index(op.f("ix_listings_section_id"), "listings")
    op.drop_column("listings", "section_id")
    op.drop_table("post_products")
    op.drop_table("posts")
    op.drop_table("sections")


def _refer(table: str, column: str, target: str) -> None:
    """Add a column that names a row of `target`, or none.

    SQLite adds it in place, reference and all: making the table anew, as a batch would, removes
    the old one, which its own references forbid while rows of others point at it.
    """
    name = f"fk_{table}_{column}_{target}"
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
            f" CONSTRAINT {name} REFERENCES {target} (id)"
        )
    else:
        op.add_column(table, sa.Column(column, ROW, nullable=True))
        op.create_foreign_key(op.f(name), table, target, [column], ["id"])
