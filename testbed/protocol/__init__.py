"""The stand-in link protocol, made up for this project: bytes in, bytes and events out.

Owns the frame layout, the payloads, the pairing methods, the channels and the interface
through which they take their cryptography.  Knows nothing of SimPy, sockets or time.
"""
