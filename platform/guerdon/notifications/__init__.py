"""Mail and SMS to members."""
