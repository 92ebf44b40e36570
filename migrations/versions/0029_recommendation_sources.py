"""Every recommendation event says who told it: the member site, a caller of the API, or a
generator of data to look at."""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

# Until now the API alone told events. The default stays for a release whose version before this
# one still writes; `generated`, which nothing ever set, goes in the release after.
SOURCE = """
ALTER TABLE app.recommendation_event ADD COLUMN source text NOT NULL DEFAULT 'api'
  CHECK (source IN ('site', 'api', 'generated'));
"""


def upgrade() -> None:
    op.execute(SOURCE)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")
