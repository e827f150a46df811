"""Look at a project, and write its first study file and workflows."""
