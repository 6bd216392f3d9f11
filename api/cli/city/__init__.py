"""What an administrator does: tokens, webhooks, imports, exports."""
