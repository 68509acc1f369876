"""Side-by-side measurements. Figures are medians and ratios taken in one run, never limits of a timed test."""
