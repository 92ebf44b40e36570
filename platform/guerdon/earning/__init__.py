"""Points for what members buy and do."""
