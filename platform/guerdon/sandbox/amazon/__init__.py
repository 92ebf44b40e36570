"""A supplier that speaks the part of the Amazon Business API that the product uses."""
