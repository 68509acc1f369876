"""What the data mean: names in words, keys, relationships, measures, time and known values."""
