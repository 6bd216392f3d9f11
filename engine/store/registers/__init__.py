"""Small tables that are no projections: tokens, claimed keys, the installation's id, milestones."""
