"""What every JSON face has in common: problems, values, requests, descriptions."""
