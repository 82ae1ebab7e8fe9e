"""What can go wrong at a target, with its consequence."""

from datetime import timedelta


class DeliveryError(Exception):
    """A write did not go through; `permanent` says that trying again cannot help, `gone` that nobody is there any more.

    `retry_after`: the target asks not to be tried again before.
    """

    def __init__(
        self, sentence: str, *, permanent: bool = False, gone: bool = False, retry_after: timedelta = timedelta()
    ) -> None:
        super().__init__(sentence)
        self.permanent, self.gone, self.retry_after = permanent or gone, gone, retry_after


class NotNeededError(Exception):
    """There is nothing to send any more, for the reason that the sentence says: that is no failure."""
