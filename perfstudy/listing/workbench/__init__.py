"""What this study's notebooks call: a lab with its data, and its queries."""
