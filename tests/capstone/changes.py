"""More desks that are wrong, made from the solution: so that the tests aren't made to measure."""

FURTHER = {
    "a budget that a call may go beyond": (
        {"test_budget"},
        ("Budget(desk.budget_usd, strict=True)", "Budget(desk.budget_usd)"),
    ),
    "a budget for each worker": (
        {"test_budget"},
        (
            "    try:\n        async with asyncio.timeout(WORKER_SECONDS):\n",
            "    client = desk.client.with_middleware(Budget(desk.budget_usd, strict=True))\n"
            "    try:\n        async with asyncio.timeout(WORKER_SECONDS):\n",
        ),
    ),
    "a file that's gone is read as an empty one": (
        {"test_gaps"},
        (
            'document = (desk.documents / f"{name}.md").read_text(encoding="utf-8")',
            'path = desk.documents / f"{name}.md"\n'
            '            document = path.read_text("utf-8") if path.exists() else ""',
        ),
    ),
    "a gap is forgotten where the last worker fails": (
        {"test_gaps", "test_mcp", "test_faults"},
        (
            "name for name in names if name not in said",
            "name for name in names[:-1] if name not in said",
        ),
    ),
    "gaps are only in the list": (
        {"test_gaps", "test_mcp", "test_faults", "test_deadline"},
        ("    if missing:\n        text +=", "    if missing and not text:\n        text +="),
    ),
    "workers one after the other": (
        {"test_deadline"},
        (
            "await asyncio.gather(*jobs)",
            "[await job for job in jobs]",
        ),
    ),
    "no time limit of a worker's own": (
        {"test_deadline"},  # the tool has its own
        ("asyncio.timeout(WORKER_SECONDS)", "asyncio.timeout(None)"),
    ),
    "no span around a letter": (
        {"test_trace"},
        ('with agent_span("desk"), Journal(', "with Journal("),
    ),
    "workers start without their context": (
        {"test_trace"},
        (
            "jobs = [_ask(name, question, desk, client, journal) for name in names]",
            "start = asyncio.get_running_loop().create_task\n"
            "    asks = [_ask(name, question, desk, client, journal) for name in names]\n"
            "    jobs = [start(ask, context=contextvars.Context()) for ask in asks]",
        ),
        ("import asyncio\n", "import asyncio\nimport contextvars\n"),
    ),
    "a tool's error is taken for its result": (
        {"test_mcp", "test_faults"},
        ("if not results:", "if not said:"),
    ),
    "a server that's down is an error of the desk": (
        {"test_mcp", "test_faults"},
        ("except (*FAILURES, OSError, ExceptionGroup) as error", "except FAILURES as error"),
    ),
    "all letters share one journal": (
        {"test_resume"},
        ('Journal(desk.folder / "letters.sqlite", ticket)', 'Journal(desk.folder / "letters")'),
    ),
    "no journal": (
        {"test_resume"},
        ("answer_of(DurableAgent(worker, journal.once), question)", "answer_of(worker, question)"),
    ),
    "lends before it looks": (
        {"test_approval"},
        (
            "    decision = approvals.decision(ticket)\n    if",
            "    decision = approvals.decision(ticket)\n    lend(wish)\n    if",
        ),
    ),
    "lends each time that it's asked": (
        {"test_approval"},
        ('await journal.once("lend", act)', "await act()"),
    ),
    "one yes is for everybody": (
        {"test_approval"},
        (
            '    approvals = Approvals(desk.folder / "approvals.sqlite")\n    approvals.ask(ticket',
            "    ticket = 'loan'\n"
            '    approvals = Approvals(desk.folder / "approvals.sqlite")\n    approvals.ask(ticket',
        ),
        (
            "    approvals.decide(ticket",
            "    approvals.decide('loan'",
        ),
    ),
}
