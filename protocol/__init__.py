"""ULP, the Ultra Link Protocol: numbered frames over TCP between the daemons and their clients (layer 1).

The specification is ``docs/protocol.md``; a test holds its tables against this package. Everything here is pure but
``server/`` and ``client/``, which own the sockets and decide nothing.
"""
