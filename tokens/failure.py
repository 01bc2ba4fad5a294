"""What a command says when it cannot do its work: one sentence, with the remedy in it, and an exit code."""


class Failure(Exception):
    """The command could not do what it was asked: its text is the sentence for the user. Exit code 1."""

    exit_code = 1


class UsageFailure(Failure):
    """The command was asked in a way that it cannot understand, a setting included. Exit code 2."""

    exit_code = 2
