"""How a scenario is asked: one request at a time, or as load."""
