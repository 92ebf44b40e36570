"""Quote, hold, authorise, order, ship, settle; refunds."""
