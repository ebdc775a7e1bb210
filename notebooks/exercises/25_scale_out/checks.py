"""The checks of 25_scale_out: how many at once, and whose result is whose."""

from anthropic.types.messages import MessageBatchIndividualResponse

from mas_helpers.course.exercises import Line, call_plain, expect

LITTLE = "On their way at once: what begins in a second, times the seconds that each takes."


def check_at_once(at_once):
    """The smaller of both limits, rounded down, at least one."""
    cases = [
        ((600, 10_000_000, 4, 100), 40, LITTLE),
        ((600, 10_000_000, 8, 100), 80, "Calls that take twice as long: twice as many at once."),
        ((60, 10_000_000, 4, 100), 4, LITTLE),
        ((6000, 60_000, 4, 1000), 4, "The tokens of a minute are a limit too: 60 calls of 1,000."),
        ((6000, 60_000, 10, 500), 20, "The tokens of a minute are a limit too: 120 calls of 500."),
        ((100, 10_000_000, 4, 100), 6, "Round down: seven at once would be over the limit."),
        ((6000, 100_000, 4, 1000), 6, "Round down: seven at once would be over the limit."),
        ((50, 10_000_000, 0.5, 100), 1, "At least one, or nothing would ever be done."),
        ((6000, 1000, 1, 5000), 1, "At least one, or nothing would ever be done."),
        ((600, 600_000, 6, 1000), 60, "Both limits give 60."),
        ((90, 10_000_000, 2.5, 100), 3, "90 a minute for 2.5 s are 3.75 at once: round down."),
    ]
    for given, expected, hint in cases:
        got = call_plain(at_once, *given)
        names = ("requests_a_minute", "tokens_a_minute", "seconds", "tokens")
        case = ", ".join(f"{name}={value:,}" for name, value in zip(names, given, strict=True))
        if isinstance(got, bool) or not isinstance(got, int):
            expect(f"{case}: what came back", got, Line("a whole number"), "Return a whole number.")
        expect(case, got, expected, hint)
    return f"{len(cases)} pairs of limits: the smaller one, rounded down, at least 1"


MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-haiku-5-5",
    "content": [],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 1, "output_tokens": 1},
}


def _result(name, kind):
    """A result as the SDK gives it: `succeeded`, `expired`, `canceled`, or an error's type."""
    if kind == "succeeded":
        result = {"type": kind, "message": {**MESSAGE, "id": f"msg_{name}"}}
    elif kind in ("expired", "canceled"):
        result = {"type": kind}
    else:
        error = {"type": "error", "error": {"type": kind, "message": "-"}, "request_id": None}
        result = {"type": "errored", "error": error}
    response = {"custom_id": name, "result": result}
    return MessageBatchIndividualResponse.model_validate(response)


BY_ID = "Results come in an order of their own: `custom_id` says whose each is."
AGAIN = "Expired, canceled, and errors other than invalid_request_error: ask again."


def check_sort_results(sort_results):
    """Answers by name, what to ask again, what is wrong; in the order of the names."""
    cases = [
        ("all succeeded, in another order", "abc", {"c": 0, "a": 0, "b": 0}, "abc", "", "", BY_ID),
        ("one expired", "abc", {"b": 0, "c": "expired", "a": 0}, "ab", "c", "", AGAIN),
        ("one canceled", "ab", {"b": "canceled", "a": 0}, "a", "b", "", AGAIN),
        ("a busy server", "ab", {"a": "overloaded_error", "b": 0}, "b", "a", "", AGAIN),
        ("an error of the API", "ab", {"a": "api_error", "b": 0}, "b", "a", "", AGAIN),
        ("a rate limit", "ab", {"a": "rate_limit_error", "b": 0}, "b", "a", "", AGAIN),
        ("a wrong request", "ab", {"a": "invalid_request_error", "b": 0}, "b", "", "a",
         "Asked again, an invalid request is as invalid: it goes into the third list."),
        ("a name without a result", "abc", {"c": 0, "a": 0}, "ac", "b", "",
         "A name that has no result at all is asked again."),
        ("no result", "ba", {}, "", "ba", "", "A name that has no result at all is asked again."),
        ("no names", "", {}, "", "", "", "No names: nothing in all three."),
        ("all kinds at once", "fedcba",
         {"a": 0, "b": "expired", "c": "invalid_request_error", "d": "api_error", "f": 0},
         "fa", "edb", "c", "Keep the order of the names."),
        ("two wrong ones", "ba", {"a": "invalid_request_error", "b": "invalid_request_error"},
         "", "", "ba", "Keep the order of the names."),
    ]  # fmt: skip
    for case, names, kinds, answers, again, wrong, hint in cases:
        results = [_result(name, kind or "succeeded") for name, kind in kinds.items()]
        got = call_plain(sort_results, list(names), results)
        if not isinstance(got, tuple) or len(got) != 3:
            expect(
                f"{case}: what came back", got, Line("three things"), "return answers, again, wrong"
            )
        for what, found, kind in zip(
            ("answers", "again", "wrong"), got, (dict, list, list), strict=True
        ):
            said = "a dict" if kind is dict else "a list"
            if not isinstance(found, kind):
                expect(f"{case}: {what}", found, Line(said), f"{what} is {said}.")
        messages = {name: getattr(message, "id", message) for name, message in got[0].items()}
        expected = {name: f"msg_{name}" for name in answers}
        expect(f"{case}: answers", messages, expected, f"{BY_ID} The answer is `result.message`.")
        expect(f"{case}: the order of the answers", list(messages), list(answers), hint)
        expect(f"{case}: again", got[1], list(again), hint)
        expect(f"{case}: wrong", got[2], list(wrong), hint)
    return f"{len(cases)} batches sorted: answers by name, what to ask again, what is wrong"
