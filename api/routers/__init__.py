"""The endpoints, one file per subject; each is thin: who asks, what for, and which query or command."""
