"""`coldframe batch`: a file → the inbox → its report, result and rejects; once, or for a whole folder.

`coldframe fetch` is its second half, for a file that lies in the inbox already.
"""
