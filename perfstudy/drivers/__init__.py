"""Send the requests of a scenario, one at a time or as load."""
