"""Access of the platform's staff to one brand: asked for, consented to, over when anybody says."""
