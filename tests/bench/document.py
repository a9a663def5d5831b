"""The file of results: Markdown, shown as it grows."""
import pathlib


class Document:
    def __init__(self, title):
        self.lines = []
        self.targets = []  # (what, target, measured, met)
        self.add("# " + title)

    def add(self, text):
        """A block: a paragraph, a list, a heading."""
        print(text, end="\n\n", flush=True)
        self.lines += [text, ""]

    def table(self, header, rows):
        lines = [header, ["---"] * len(header), *rows]
        self.add("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))

    def target(self, what, series, limit, digits=2, unit="", least=False):
        """The median is to be `limit` at most, or at least."""
        met = series.median >= limit if least else series.median <= limit
        sign = "≥" if least else "≤"
        self.targets.append((
            what, ("%s %." + str(digits) + "f%s") % (sign, limit, unit), series.text(digits) + unit,
            "met" if met else "**missed**"))
        return met

    @property
    def missed(self):
        return sum(target[3] != "met" for target in self.targets)

    def add_targets(self):
        if self.targets:
            self.add("## Targets")
            self.table(["what", "target", "measured: median (least – largest)", ""], self.targets)

    def write(self, path):
        pathlib.Path(path).write_text("\n".join(self.lines).rstrip() + "\n")
