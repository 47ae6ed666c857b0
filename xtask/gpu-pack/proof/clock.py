"""The time that is left. Steps ask before they begin and get no longer than there is."""

import time


class Clock:
    """A budget in seconds. The last part of it is kept for the measures, which come last."""

    #: Share of the budget that steps leave to the measures.
    KEPT = 0.25

    def __init__(self, seconds):
        self.seconds, self.started = seconds, time.monotonic()

    def spent(self):
        return time.monotonic() - self.started

    def left_for_steps(self):
        return self.seconds * (1 - self.KEPT) - self.spent()

    def left(self):
        return self.seconds - self.spent()
