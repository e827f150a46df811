"""How fast the project's own parts are, and what the service is compared with."""
