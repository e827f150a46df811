"""What a running stack is doing: hit rates, indexes, statements, connections and memory, read from its servers."""
