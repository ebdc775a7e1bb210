# right: parse and find_untraced, without aggregate
from mas_helpers.agents import Report, UntraceableReport, find_untraced


async def aggregate_again(question, perspectives, aggregator):
    prompt = "\n\n".join(
        [question, *(f"{name} said:\n{text}" for name, text in perspectives.items())]
    )
    report = await aggregator.parse(prompt, Report)
    if problems := find_untraced(report, perspectives):
        report = await aggregator.parse("\n".join([prompt, "Not good:", *problems]), Report)
        if problems := find_untraced(report, perspectives):
            raise UntraceableReport(problems, report)
    return report
