"""Pages of administration: organisation, policy, access, tokens, webhooks."""
