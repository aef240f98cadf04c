"""Sign-in codes are made anew from a salt, and stand nowhere.

Revision: sign_in_salt
Follows: first_sale
"""

import sqlalchemy as sa
from alembic import op

revision = "sign_in_salt"
down_revision = "first_sale"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step on."""
    # Codes live for ten minutes: whoever waits for one while this runs asks for another.
    op.execute("DELETE FROM sign_in_codes")
    with op.batch_alter_table("sign_in_codes") as codes:
        codes.add_column(sa.Column("salt", sa.String(), nullable=False))
        codes.add_column(sa.Column("is_customers", sa.Boolean(), nullable=False))
        codes.create_unique_constraint(codes.f("uq_sign_in_codes_salt"), ["salt"])
        codes.drop_column("digest")


def downgrade() -> None:
    """The same step back."""
    op.execute("DELETE FROM sign_in_codes")
    with op.batch_alter_table("sign_in_codes") as codes:
        codes.add_column(sa.Column("digest", sa.String(), nullable=False))
        codes.drop_constraint(codes.f("uq_sign_in_codes_salt"), type_="unique")
        codes.drop_column("is_customers")
        codes.drop_column("salt")
