"""A simulated switch that speaks CSTA XML over TCP: the other opinion about call processing, for demos and tests.

It shares the wire format with the gateway and nothing else; its call processing is its own.
"""
