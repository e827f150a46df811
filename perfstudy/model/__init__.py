"""What can be declared: services, arms, scenarios, claims and studies, as data that knows no particular service."""
