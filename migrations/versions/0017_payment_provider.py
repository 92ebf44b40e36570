"""A payment keeps the provider it began with; notifications of Amazon Pay."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

# The default reaches the rows of every tenant without reading them: until now there was one
# provider. It goes again at once, so that new rows say what they mean.
PROVIDER = """
ALTER TABLE app.redemption ADD COLUMN payment_provider text DEFAULT 'stripe';
ALTER TABLE app.redemption ALTER COLUMN payment_provider DROP DEFAULT;
ALTER TABLE app.redemption ADD CONSTRAINT redemption_payment_provider
  CHECK (payment_reference IS NULL OR payment_provider IS NOT NULL);
ALTER TABLE ctl.hook DROP CONSTRAINT hook_provider_check;
ALTER TABLE ctl.hook ADD CONSTRAINT hook_provider_check
  CHECK (provider IN ('stripe', 'amazon_pay', 'amazon_business'));
"""


def upgrade() -> None:
    op.execute(PROVIDER)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")
