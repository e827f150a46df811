"""Declared studies, their schedules, and the runner that turns them into samples."""
