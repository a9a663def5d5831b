"""Alternating rounds, and what is told of them: medians, ratios within a round, the spread."""
import statistics


class Series(list):
    """One figure over the rounds, in their order."""

    @property
    def median(self):
        return statistics.median(self)

    def text(self, digits=0):
        """Median, and in brackets the least and the largest."""
        number = "{:,.%df}" % digits
        return "%s (%s – %s)" % tuple(number.format(one) for one in (self.median, min(self), max(self)))

    def over(self, others):
        """The ratio to `others`, round by round: what a busy machine did to a round falls on both."""
        return Series(one / other for one, other in zip(self, others))

    def less(self, others):
        return Series(one - other for one, other in zip(self, others))


def alternate(count, ways):
    """
    Calls each of the functions `ways` (key -> function of the round's number) once a round,
    forwards in one round and backwards in the next, so that none is always the first. -> key ->
    the list of what it returned.
    """
    results = {key: [] for key in ways}
    for number in range(count):
        for key in ways if number % 2 == 0 else reversed(ways):
            results[key].append(ways[key](number))
    return results


def series(results, get):
    """The Series of one figure of each way's results; `get` takes it from a result."""
    return {key: Series(get(one) for one in those) for key, those in results.items()}
