"""Pages of one cycle and its initiative: what stands, what may be done, consultation, sheets, versions."""
