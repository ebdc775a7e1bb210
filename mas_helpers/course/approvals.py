"""A question to a person as a panel: what would change, what it costs, where it comes from, and
three buttons.
"""

from __future__ import annotations

from html import escape
from typing import Any, Literal

from ..agents.approval import AlreadyDecided, Approvals, Decision, Proposal
from ..pictures.palette import PASSED, RULE, WRONG
from .widgets import WidgetShown, load_widgets

PRE = "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere;margin:6px 0"


def approval_panel(approvals: Approvals, key: str, by: str) -> ApprovalPanel:
    """An ApprovalPanel for a question that waits, answered in the name of `by`."""
    return ApprovalPanel(approvals, key, by)


class ApprovalPanel(WidgetShown):
    """A proposal with buttons to approve, edit or refuse it; a page without a kernel shows it."""

    def __init__(self, approvals: Approvals, key: str, by: str) -> None:
        self.approvals, self.key, self.by = approvals, key, by
        proposal = approvals.proposal(key)
        self.text = f"{proposal}\n\napprove · edit · refuse"
        self.html = proposal_html(proposal)
        self.widget = self._build_widget(load_widgets(), proposal)

    def answer(self, kind: Literal["approved", "edited", "refused"], text: str) -> str:
        """Decides, and says in a sentence what holds now."""
        try:
            self.approvals.decide(self.key, Decision(kind, self.by, text))
            return f"{kind.capitalize()} by {self.by}."
        except AlreadyDecided as error:
            return f"Too late: {error}."

    def _build_widget(self, widgets: Any, proposal: Proposal) -> Any:
        if widgets is None:
            return None
        shown = widgets.HTML(self.html)
        field = widgets.Textarea(proposal.text, layout={"width": "100%", "height": "8em"})
        reason = widgets.Text(placeholder="why not?", layout={"flex": "1 1 auto"})
        said = widgets.HTML()
        whole = {"width": "auto", "flex": "0 0 auto", "align_self": "flex-start"}  # never "Ref…"
        buttons = [
            widgets.Button(description=name, layout=whole)
            for name in ("Approve", "Send my text", "Refuse")
        ]

        def decide(kind: Literal["approved", "edited", "refused"]) -> None:
            texts = {"approved": proposal.text, "edited": field.value, "refused": reason.value}
            said.value = f"<b>{escape(self.answer(kind, texts[kind]))}</b>"
            for button in buttons:
                button.disabled = True

        buttons[0].on_click(lambda _: decide("approved"))
        buttons[1].on_click(lambda _: decide("edited"))
        buttons[2].on_click(lambda _: decide("refused"))
        edit = widgets.Accordion([widgets.VBox([field, buttons[1]])], titles=("Edit",))
        return widgets.VBox(
            [shown, buttons[0], edit, widgets.HBox([buttons[2], reason]), said],
            layout={"max_width": "720px"},
        )


def proposal_html(proposal: Proposal) -> str:
    """What changes, green and red with its sign, above the price and the sources."""
    lines = proposal.changes() if proposal.before else proposal.text.splitlines()
    colours = {"+ ": PASSED, "- ": WRONG}
    rows = "".join(
        f'<div style="border-left:4px solid {colours.get(line[:2], RULE)};padding:1px 8px">'
        f"{escape(line)}</div>"
        for line in lines
    )
    sources = "".join(f"<li>{escape(source)}</li>" for source in proposal.sources)
    return (
        f'<div style="{PRE}"><b>{escape(proposal.title)}</b></div><div style="{PRE}">{rows}</div>'
        f"<div>Price: {proposal.price}</div>"
        f"<div>Sources:</div><ul>{sources or '<li>none</li>'}</ul>"
    )
