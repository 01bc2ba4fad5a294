"""`tokens up`: everything on this machine, in one tree of processes with one end."""
