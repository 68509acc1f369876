"""Charts: which one fits a result, the figure to draw, and the answer in words. Data in, specification out."""
