"""Other bots under the same load: what ours is measured against. Each is a process of its own.

All but the bare one check the token of each message, read its JSON and make one call out, with a constant token: in
their favour, where a real one would ask the login service now and then. None looks anybody up or draws a card of facts.
"""
