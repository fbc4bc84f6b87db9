"""The formats that `rewire export` writes, one module each."""
