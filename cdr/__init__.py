"""UltraCDR: call records that are right, in any database.

Events of the gateway, the CTI server and the IVR become records (``cdr.ledger``, pure), which are written with the
places in the streams in one transaction (``cdr.store``).
"""
