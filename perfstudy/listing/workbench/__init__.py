"""What the notebooks of this study call: a lab with its data, and everything that a cell may ask of it."""
