"""A challenger in the champion's shadow: it scores what the champion has answered, off the request path.

A function is subscribed to the log where inputs are written. `events` reads what comes; `compare` has it
scored and counted; `agreement` says what is the same.
"""
