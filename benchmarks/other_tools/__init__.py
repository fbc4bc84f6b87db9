"""Scripts for the Python environments of other tools; none of them imports this project."""
