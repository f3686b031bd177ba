"""The pure domain, proved without a server."""
