"""Plots as SVG, written by hand: they follow the reader's choice of light or dark."""
import html
import math

STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #52514e }
.title { font-weight: 600; fill: #0b0b0b }
.page { fill: #fcfcfb } .grid { stroke: #e1e0d9 } .axis { stroke: #898781 }
.line { stroke-width: 2 }
.s0 { stroke: #898781; fill: #898781 } .s1 { stroke: #1baf7a; fill: #1baf7a }
.s2 { stroke: #2a78d6; fill: #2a78d6 } .s3 { stroke: #eb6834; fill: #eb6834 }
.line { fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #c3c2b7 } .title { fill: #ffffff }
.page { fill: #1a1a19 } .grid { stroke: #2c2c2a } .axis { stroke: #898781 }
.s1 { stroke: #199e70; fill: #199e70 } .s2 { stroke: #3987e5; fill: #3987e5 }
.s3 { stroke: #d95926; fill: #d95926 }
.line { fill: none }
}
</style>"""


def text(x, y, words, anchor="start", kind=""):
    return '<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>' % (x, y, anchor, kind, html.escape(words))


def line(x1, y1, x2, y2, kind):
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>' % (x1, y1, x2, y2, kind)


def write(path, width, height, title, parts):
    with open(path, "w") as file:
        file.write('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img">\n'
                   % (width, height, width, height))
        file.write("<title>%s</title>\n%s\n" % (html.escape(title), STYLE))
        file.write('<rect class="page" width="%d" height="%d" rx="6"/>\n' % (width, height))
        file.write("\n".join(parts) + "\n</svg>\n")


def step_of(largest, steps):
    """A round number of which about `steps` make `largest`."""
    rough = largest / steps
    power = 10 ** math.floor(math.log10(rough))
    return next(power * one for one in (1, 2, 5, 10) if power * one >= rough)


def dots(path, title, rows, unit):
    """
    A dot for each of `rows`: (name, Series, kind 0 - 3), on a logarithmic axis, for the ways are
    far apart. A line from the least to the largest.
    """
    left, right, top, height = 270, 700, 58, 30
    bottom = top + height * len(rows)
    first = math.floor(math.log10(max(1, min(min(series) for _, series, _ in rows))))
    last = max(first + 1, math.ceil(math.log10(max(max(series) for _, series, _ in rows))))

    def x(value):
        return left + (right - left) * (math.log10(max(value, 1)) - first) / (last - first)

    parts = [text(16, 26, title, kind="title")]
    for decade in range(first, last + 1):
        at = x(10 ** decade)
        parts += [line(at, top - 6, at, bottom, "grid"),
                  text(at, bottom + 18, "{:,} {}".format(10 ** decade, unit), "middle")]
    for number, (name, series, kind) in enumerate(rows):
        middle = top + height * (number + 0.5)
        parts += [
            text(left - 10, middle + 4, name, "end"),
            line(left, middle, right, middle, "grid"),
            line(x(min(series)), middle, x(max(series)), middle, "line s%d" % kind),
            '<circle class="s%d" cx="%.1f" cy="%.1f" r="5"/>' % (kind, x(series.median), middle),
            text(x(max(series)) + 12, middle - 4, "{:,.0f}".format(series.median)),
        ]
    write(path, 780, bottom + 34, title, parts)


def panels(path, title, panels_of, names, unit):
    """
    Lines over the number of threads, side by side: `panels_of` is (title, {key: {threads:
    Series}}) for each, `names` key -> (name, kind 0 - 3).
    """
    width, top, bottom, gap = 300, 86, 300, 90
    parts = [text(16, 26, title, kind="title")]
    at = 16
    for name, kind in names.values():
        parts += [line(at, 46, at + 18, 46, "line s%d" % kind), text(at + 24, 50, name)]
        at += 44 + 7 * len(name)
    for number, (heading, lines) in enumerate(panels_of):
        left = 70 + number * (width + gap)
        largest = max(max(series) for one in lines.values() for series in one.values())
        step = step_of(largest, 4)
        upper = math.ceil(largest / step) * step

        def y(value):
            return bottom - (bottom - top) * value / upper

        threads = list(next(iter(lines.values())))

        def x(count):
            return left + width * (threads.index(count) + 0.5) / len(threads)

        parts.append(text(left, 74, heading))
        for mark in range(round(upper / step) + 1):
            value = mark * step
            parts += [line(left, y(value), left + width, y(value), "grid"),
                      text(left - 6, y(value) + 4, "%g" % value, "end")]
        for count in threads:
            parts.append(text(x(count), bottom + 18, str(count), "middle"))
        parts.append(text(left + width / 2, bottom + 38, "threads", "middle"))
        for key, one in lines.items():
            kind = names[key][1]
            # A step aside each, so that whiskers do not hide each other.
            aside = (list(names).index(key) - (len(names) - 1) / 2) * 6
            points = [(x(count) + aside, series) for count, series in one.items()]
            parts.append('<polyline class="line s%d" points="%s"/>' % (
                kind, " ".join("%.1f,%.1f" % (here, y(series.median)) for here, series in points)))
            for here, series in points:
                parts.append(line(here, y(min(series)), here, y(max(series)), "line s%d" % kind))
                parts.append('<circle class="s%d" cx="%.1f" cy="%.1f" r="3"/>' % (kind, here, y(series.median)))
        parts.append(line(left, bottom, left + width, bottom, "axis"))
    parts.append(text(16, bottom + 62, unit))
    write(path, 70 + len(panels_of) * (width + gap) - gap + 30, bottom + 76, title, parts)
