"""What every request passes: middleware, problems, paging, the OpenAPI document, the event stream.

Must not know any subject.
"""
