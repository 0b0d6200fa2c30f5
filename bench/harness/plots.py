"""Draws docs/performance/*.svg and writes the table into docs/performance.md."""
import pathlib
import re

from .build import ROOT
from .report import GATE, LIMIT, PEERS, markdown, ratio, rates, rows

FOLDER = ROOT / "docs" / "performance"
PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
COLOURS = {LIMIT: "#9aa5b1", "openssl speed": "#9aa5b1", GATE: "#1f6f8b", "HAProxy jwt_verify": "#e07a3f", "Go golang-jwt": "#6aa56a", "libjwt": "#a06cb0"}


def canvas(width, height):
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise SystemExit("plots need matplotlib of this Python: Debian's python3-matplotlib serves /usr/bin/python3") from None
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "portcullis", "svg.fonttype": "none", "font.size": 10, "axes.spines.top": False, "axes.spines.right": False})
    from matplotlib import pyplot
    return pyplot.subplots(figsize=(width, height), layout="constrained")


def save(figure, name):
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{name}.svg"
    figure.savefig(path, metadata={"Date": None})
    text = path.read_text()
    path.write_text("\n".join(line.rstrip() for line in text.splitlines()) + "\n")


def draw_warm(results):
    """Bars, one a server, as shares of the empty responder."""
    names = [name for name in [LIMIT, GATE, *PEERS] if name in results]
    values = [ratio(rates(results, name), rates(results, LIMIT)) for name in names]
    figure, axes = canvas(8, 2.6)
    bars = axes.barh(names, values, color=[COLOURS[name] for name in names])
    axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=4)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.12)
    axes.set_xlabel("requests a second, as a share of the empty responder's")
    axes.set_title("The same RS256 token again and again, one request thread", loc="left")
    save(figure, "warm")


def draw_cold(results):
    """Groups of bars, one group an algorithm, as shares of `openssl speed`."""
    figure, axes = canvas(8, 3.4)
    names = ["openssl speed", GATE, *PEERS]
    wide = 0.16
    for i, name in enumerate(names):
        at, values = [], []
        for group, one in enumerate(results.values()):
            if name in one:
                at.append(group + (i - 2) * wide)
                values.append(ratio(rates(one, name), rates(one, "openssl speed")))
        bars = axes.bar(at, values, wide * 0.92, label=name, color=COLOURS[name])
        axes.bar_label(bars, [f"{value:.2f}" for value in values], fontsize=8, padding=2)
    axes.set_xticks(range(len(results)), ["EdDSA" if key == "eddsa" else key.upper() for key in results])
    axes.set_ylim(0, 1.25)
    axes.set_ylabel("share of `openssl speed`")
    axes.set_title("Every request a token never seen, through HTTP, one request thread", loc="left")
    axes.legend(ncols=5, fontsize=8, frameon=False, loc="upper center")
    save(figure, "cold")


def draw_keys(times):
    """The cost of finding a key against how many there are, as a multiple of the cost among ten."""
    points = sorted((int(name.partition("/")[2]), value) for name, value in times.items() if name.startswith("find_key/"))
    if not points:
        return
    figure, axes = canvas(8, 2.8)
    axes.plot([count for count, _ in points], [value / points[0][1] for _, value in points], marker="o", color=COLOURS[GATE])
    axes.set_xscale("log")
    axes.set_ylim(0, None)
    axes.set_xlabel("keys in the set")
    axes.set_ylabel("cost of one look-up,\ntimes that among ten")
    axes.set_title("Finding a token's key, keys asked for in random order", loc="left")
    save(figure, "keys")


def write_page(figures, made):
    """Replaces what stands between the two marks of the page."""
    page = PAGE.read_text()
    if BEGIN not in page or END not in page:
        raise SystemExit(f"{PAGE} has lost its marks {BEGIN} and {END}")
    block = f"{BEGIN}\nMeasured on {made['day']}, {made['processor']}, {made['cores']} cores, {made['rounds']} rounds of {made['seconds']} s.\n\n{markdown(rows(figures))}\n{END}"
    PAGE.write_text(re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: block, page, flags=re.DOTALL))


def draw(figures, made):
    if "warm" in figures:
        draw_warm(figures["warm"])
    if "cold" in figures:
        draw_cold(figures["cold"])
    if "micro" in figures:
        draw_keys(figures["micro"])
    write_page(figures, made)
    return [str(path.relative_to(ROOT)) for path in sorted(FOLDER.glob("*.svg"))] + [str(pathlib.Path("docs/performance.md"))]
