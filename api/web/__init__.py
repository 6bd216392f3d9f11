"""The pages: server-rendered, through the same gateway and rules as the JSON API. Must not know Temporal or SQL."""
