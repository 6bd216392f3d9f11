"""The access log, and throwing away what nobody needs any more. Must know no other room of the services."""
