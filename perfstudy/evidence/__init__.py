"""Evidence for a response time: statements, plans, counters, answers, environment."""
