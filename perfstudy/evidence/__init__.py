"""What explains a response time: statements, plans, cache counters, equal answers, the machine."""
