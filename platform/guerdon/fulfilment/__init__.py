"""Orders to suppliers and what becomes of them."""
