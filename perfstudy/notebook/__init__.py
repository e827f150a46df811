"""What a notebook calls and shows, whatever service it is about."""
