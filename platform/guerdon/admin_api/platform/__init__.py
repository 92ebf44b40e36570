"""What the platform's own staff do with tenants: `/api/platform/v1` at the staff host."""
