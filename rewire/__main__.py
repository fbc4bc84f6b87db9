"""`rewire` and `python -m rewire`: the guard first, then the command line."""

from rewire.guard import stop_on_collision


def main() -> None:
    """Entry point of the console script."""
    stop_on_collision()
    from rewire.cli.main import run  # only now: it imports packages that the guard has just checked

    run()


if __name__ == "__main__":
    main()
