"""Our rules in other rule engines: how fast they are, and what they let through."""
