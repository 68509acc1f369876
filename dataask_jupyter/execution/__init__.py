"""Running queries in killable worker processes, and keeping their results as Arrow files."""
