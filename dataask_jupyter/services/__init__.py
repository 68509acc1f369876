"""What people do: each act is permitted, done and recorded in one transaction."""
