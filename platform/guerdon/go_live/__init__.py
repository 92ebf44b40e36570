"""What a brand needs before members are let in, worked out from what is really there."""
