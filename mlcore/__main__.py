"""python -m mlcore: see mlcore.cli."""

if __name__ == "__main__":
    try:
        from .cli.parser import main

        code = main()
    except KeyboardInterrupt:  # before a command has begun; what follows is its own affair
        code = 130
    raise SystemExit(code)
