"""What `rewire verify` compares, and with which engines."""
