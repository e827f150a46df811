"""The study of the source report: its service, optimizations, data set, claims, scenarios and studies."""
