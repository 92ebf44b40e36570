"""How every tenant does, for the platform's staff: figures, health, what is at risk."""
