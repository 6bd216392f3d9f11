"""The door: who is let through to the application at all, before a byte of a body is read.

Here live the names under which the city answers, and the limits for people and addresses. It knows cookies and tokens
by their signatures only, and asks as little as can be: what comes too often must cost next to nothing. It must not
know what any address does.
"""
