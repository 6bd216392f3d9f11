"""The JSON API, by subject: parse, ask a service, answer."""
