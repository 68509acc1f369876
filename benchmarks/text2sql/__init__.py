"""Measures engines on text-to-SQL suites that lie outside the project."""
