"""What the clinic does; each action checks, thinks, and writes once with its audit event."""
