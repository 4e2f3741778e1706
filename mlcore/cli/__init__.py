"""The command line: `parser` says which commands there are, `commands` does them, `console` speaks to the terminal."""
