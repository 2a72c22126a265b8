"""`coldframe threshold`: thresholds chosen anew from a user's own rows."""
