"""What can go wrong at a target, with its consequence."""


class DeliveryError(Exception):
    """A write did not go through; `permanent` says that trying again cannot help."""

    def __init__(self, sentence: str, *, permanent: bool = False) -> None:
        super().__init__(sentence)
        self.permanent = permanent
