"""The errors that a user can cause and mend; each says what was expected, what was found, where, and what to do."""


class StandpointError(Exception):
    """End the command line in one line; `exit_code` is what the process returns (contracts: 2 bad input, 3 refused)."""

    exit_code = 2


class BadInput(StandpointError):
    """A file, an option or a request that does not fit what was expected.

    `where` names the place as `file:line`, `file: key` or a request field, and starts the message.
    """

    def __init__(self, message: str, where: str | None = None) -> None:
        super().__init__(f"{where}: {message}" if where else message)
        self.message = message
        self.where = where


class CorruptArtifact(StandpointError):
    """An artifact folder whose files, format or golden predictions are not what its manifest promises."""


class Refused(StandpointError):
    """A check or gate said no: certificate, comparison of unlike runs, promotion."""

    exit_code = 3


class MissingExtra(StandpointError):
    """A command needs packages of an extra that is not installed."""

    def __init__(self, command: str, extra: str, module: str) -> None:
        super().__init__(
            f"standpoint {command} needs the package {module!r}, which is not installed; "
            f"run: pip install 'standpoint[{extra}]'"
        )
