"""The telephony vocabulary and the pure call model (layer 0).

Nothing here opens a socket, reads a clock, writes a log or throws dice: the same state, the same input and the same
``now`` give the same output. What a switch says arrives as a report (``model.reports``); what the gateway tells the
world leaves as a numbered event (``model.events``); everybody else holds a mirror (``model.mirror``).
"""
