"""A dismissal can be taken back, and a member's latest views and redemptions stand beside what they
saw."""

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

# `lately`: products by SKU, with the instant and whether the member redeemed them. It is read with
# the member, so that a slate follows a view without waiting for a training.
CHANGES = """
ALTER TABLE app.recommendation_event DROP CONSTRAINT recommendation_event_type_check;
ALTER TABLE app.recommendation_event ADD CONSTRAINT recommendation_event_type_check
  CHECK (type IN ('impression', 'click', 'view', 'dismissal', 'dismissal_undone', 'conversion'))
  NOT VALID;
ALTER TABLE app.recommendation_event VALIDATE CONSTRAINT recommendation_event_type_check;
ALTER TABLE app.recommendation_member ADD COLUMN lately jsonb NOT NULL DEFAULT '{}';
"""


def upgrade() -> None:
    op.execute(CHANGES)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")
