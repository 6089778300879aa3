"""Every verb of the command line: its name, what it is for, and the file it lives in.

A verb's file has `arguments(parser)`, `run(args, context)`, and a docstring that is its help.
"""

VERBS: tuple[tuple[str, str, str], ...] = (
    ("init", "write a first costper.yaml, with comments", "costper.cli.init"),
    ("connect", "write the settings of a source, ready to fill in", "costper.cli.connect"),
    ("check", "check the settings and the books, and say all that is wrong", "costper.cli.check"),
    ("schema", "print the JSON schema of costper.yaml, for editors", "costper.cli.schema"),
    ("doctor", "say what costper finds on this machine", "costper.cli.doctor"),
)
