"""What the processes stand on: settings, the one Temporal plugin, logging, the embedded server."""
