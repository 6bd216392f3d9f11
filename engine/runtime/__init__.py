"""How a process of ours comes to life: settings, keys, identity, connecting, logging, allowed destinations.

Must not know what is decided or stored.
"""
