"""The pages: server-rendered, through the same door as the JSON API."""
