"""The state of a running stack, read from its servers.

Hit rates, indexes, statements, connections and memory.
"""
