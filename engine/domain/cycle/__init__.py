"""One turn of the spiral: its commands, events and state, and how an event changes the state.

Must not know the rules that decide (`moves`); every event ever written stays readable.
"""
