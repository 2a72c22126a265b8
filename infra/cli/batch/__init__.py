"""`coldframe batch`: a file → the inbox → its report, result and rejects; once, or for a whole folder."""
