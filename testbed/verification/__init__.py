"""The search over everything that an attacker could do, on the roles of the simulator.

A scripted attacker that fails proves nothing: perhaps the script was weak.  Here the attacker
is everybody at once: whatever can be made of what was heard may be sent to whomever, at any
time.  What the search does not find within its bound does not exist within its bound.
"""
