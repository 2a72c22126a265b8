"""The runtime that every Coldframe function shares: find the model version, load it safely, answer."""
