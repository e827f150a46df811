"""The commands that only the study of the source report has."""
