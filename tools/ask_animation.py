"""Draw the moving picture at the top of the README: a run of `ask` in a terminal, four times as
fast as it was recorded.

  python tools/ask_animation.py        writes notebooks/images/ask.svg

A test compares the picture with a fresh run.
"""

import textwrap
from html import escape
from pathlib import Path

from mas_helpers import connect, run, trace
from mas_helpers.agents.research_team import build_team, research
from mas_helpers.bench import recordings
from mas_helpers.bench.tracing.call import is_agent, is_call
from mas_helpers.bench.tracing.cost import cost_usd
from mas_helpers.course.ask.command import questions_in
from mas_helpers.pictures import dollars
from mas_helpers.pictures.text import count_text, cut

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "notebooks" / "images" / "ask.svg"
SPEED, REST = 4, 5.0  # times as fast; seconds at the end, before it begins again
COLUMNS, LINE, LETTER = 86, 19, 7.83  # characters across; pixels of a line and of a letter
# a terminal's own colours, on its own dark paper
PAPER, BAR, INK, FAINT, GREEN, YELLOW = (
    "#11161d",
    "#1d2530",
    "#dbe3ec",
    "#8b97a5",
    "#4fc28b",
    "#e3b341",
)
REDUCED = (
    "text{white-space:pre}"
    "@media(prefers-reduced-motion){*{animation:none!important}.passing{opacity:0}}"
)


def main():
    PICTURE.write_text(draw(), encoding="utf-8", newline="\n")
    print(f"written: {PICTURE.relative_to(ROOT)}")


def draw():
    """The picture as SVG, from a run of the first recorded question."""
    recording = ROOT / "notebooks" / "recordings" / "ask.yaml"
    question = questions_in(recordings.load(recording))[0]
    client = connect("ask", mode="replay", strict=True, folder=recording.parent)
    with trace() as spent:
        brief = run(research(question, build_team(client, ROOT / "notebooks" / "corpus")))
    return Terminal(spent, question, brief.drafts[-1].text).draw()


class Terminal:
    """The lines of the terminal, each seen from one second of the run to another."""

    def __init__(self, spent, question, answer):
        self.spent = spent
        self.end = round(spent.seconds, 1)
        self.lines, self.keyframes = [], {}
        self.add("$ python -m mas_helpers ask 1", INK)
        self.add("Offline. The replies are recorded, from the stand-in model.", FAINT)
        for line in textwrap.wrap(question, COLUMNS):
            self.add(line, INK, bold=True)
        self.add_agents()
        self.row += 1
        self.add_answer(answer)

    @property
    def row(self):
        return getattr(self, "_row", 0)

    @row.setter
    def row(self, row):
        self._row = row

    def add(self, text, colour, start=0.0, end=None, *, bold=False, stays=False):
        """A line of text in the next row, or with `stays` in the row where the last one stands."""
        if stays:
            self.row -= 1
        look = self.look(start, end)
        weight = ' font-weight="600"' if bold else ""
        y = 58 + LINE * self.row
        self.lines.append(
            f'<text x="16" y="{y}" fill="{colour}"{weight}{look}>{escape(text)}</text>'
        )
        self.row += 1

    def look(self, start, end):
        """The attributes of what is seen from one second to another."""
        if start == 0 and end is None:
            return ""
        seconds = self.end / SPEED + REST

        def at(second):
            return f"{100 * second / SPEED / seconds:.2f}%"

        moments = f"0%{{opacity:{int(start == 0)}}}"
        if start:
            moments += f"{at(start)}{{opacity:1}}"
        if end is not None:
            moments += f"{at(end)}{{opacity:0}}"
        name = self.keyframes.setdefault(moments, f"k{len(self.keyframes)}")
        passing = ' class="passing"' if end is not None else ""
        return f'{passing} style="animation-name:{name}"'

    def add_agents(self):
        agents = [span for span in self.spent.spans if is_agent(span)]
        agents = [span for span in agents if "gen_ai.agent.name" in span.attributes]
        for span in agents:
            name = span.attributes["gen_ai.agent.name"]
            start, end = self.spent.at(span.start_time), self.spent.at(span.end_time)
            own = [
                other
                for other in self.spent.spans
                if other.parent and other.parent.span_id == span.context.span_id
            ]
            calls = [self.spent.call_of(other) for other in own if is_call(other)]
            tools = sum(other.attributes.get("gen_ai.tool.name") is not None for other in own)
            tokens = sum(call.input_tokens + call.output_tokens for call in calls)
            parts = [f"{end - start:4.1f} s", count_text(len(calls), "call")]
            parts += [count_text(tools, "tool")] if tools else []
            parts += [count_text(tokens, "token"), dollars(sum(map(cost_usd, calls)))]
            topic = ""
            if tools:
                left = COLUMNS - len(f"✓ {name:14}{' · '.join(parts)}  ")
                topic = "  " + cut(calls[0].prompt, left)
            self.add(f"● {name:14}asking …", YELLOW, start, end)
            self.add(f"✓ {name:14}{' · '.join(parts)}{topic}", GREEN, end, stays=True)
        calls = self.spent.calls
        tokens = sum(call.input_tokens + call.output_tokens for call in calls)
        total = [f"{self.end} s", count_text(len(calls), "call"), count_text(tokens, "token")]
        total.append(dollars(sum(map(cost_usd, calls))))
        self.add(" · ".join(total), INK, self.end, bold=True)

    def add_answer(self, answer):
        lines = textwrap.wrap(" ".join(answer.split()), COLUMNS - 2)
        for line in [*lines[:3], f"{lines[3]} …"]:
            self.add(line, INK, self.end)

    def draw(self):
        width, height = round(32 + COLUMNS * LETTER), 58 + LINE * self.row + 8
        rules = "".join(f"@keyframes {name}{{{moves}}}" for moves, name in self.keyframes.items())
        seconds = self.end / SPEED + REST
        style = f"*{{animation:{seconds:g}s step-end infinite}}{REDUCED}{rules}"
        size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
        font = 'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="13"'
        words = (
            "A run of ask in a terminal: a planner, three researchers with tools, a writer and a"
        )
        words += " fact-checker, and the answer with its sources"
        dots = "".join(f'<circle cx="{x}" cy="17" r="5" fill="{FAINT}"/>' for x in (20, 38, 56))
        place = f'x="{width - 16}" y="21" text-anchor="end"'
        note = f'<text {place} fill="{FAINT}">{SPEED}× as fast</text>'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" {font}>'
            f"<title>{words}</title><style>{style}</style>"
            f'<rect width="{width}" height="{height}" rx="8" fill="{PAPER}"/>'
            f'<path d="M0 34h{width}" stroke="{BAR}" stroke-width="2"/>{dots}{note}'
            f"{''.join(self.lines)}</svg>\n"
        )


if __name__ == "__main__":
    main()
