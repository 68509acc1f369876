"""The SQL gate: what may reach a database, and in which words."""
