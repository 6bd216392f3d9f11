"""The city's OpenID provider: its document and keys, what its tokens say, and whose account a subject is.

Pages sign people in with it, the API takes its access tokens. Must not know a page or a route.
"""
