"""The formats that `rewire export` writes, one file each, and what goes into them."""
