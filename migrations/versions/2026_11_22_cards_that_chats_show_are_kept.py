"""The cards that chats show of a product are kept under a digest of what stands on them.

Revision: previews
Follows: sign_in_salt
"""

import sqlalchemy as sa
from alembic import op

revision = "previews"
down_revision = "sign_in_salt"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One step on."""
    op.create_table(
        "preview_pictures",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_preview_pictures")),
    )
    op.create_index(op.f("ix_preview_pictures_made_at"), "preview_pictures", ["made_at"])


def downgrade() -> None:
    """The same step back."""
    op.drop_table("preview_pictures")
