"""The admin API: everything that the console does."""
