"""The source report's table of response times, by variant."""

from perfstudy.model.catalog import StatedTime

STATED = (
    StatedTime("baseline", "cold", 5.0, 5.0),
    StatedTime("index", "cold", 1.5, 2.0),
    StatedTime("index+related+values", "cold", 0.8, 1.0),
    StatedTime("index+related+values+connections", "cold", 0.6, 0.8),
    StatedTime("index+related+values+connections+gunicorn+cache", "warm", 0.05, 0.1),
)
