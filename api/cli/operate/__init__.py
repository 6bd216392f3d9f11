"""Running and keeping it: up, the single processes, migrate, verify, rebuild, backup, the sample."""
