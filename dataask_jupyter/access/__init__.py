"""Who may do what: identities, roles, and the one permission gate. Nothing here reads the store."""
