"""What every operation has at hand."""
