"""The link to Asterisk 22 over AMI: bytes to blocks (``ami``), blocks to reports (``normalise``), and ``link`` on top.

Everything here but ``link`` is pure: no socket, no clock, no randomness of its own.
"""
