"""Provider webhooks: verify, note, let a job fetch the truth."""
