"""The servers that run the service, where they need code of ours."""
