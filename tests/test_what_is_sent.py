"""What the agents of lessons 06 to 11 and of `ask` are sent: focused prompts, and nobody else's."""

import json

import pytest

from mas_helpers.agents import research_team
from mas_helpers.bench import recordings
from mas_helpers.course.ask.command import replay_problems

SYSTEMS = ["07_orchestrator", "11_coordinator", "ask"]
RECORDED = ["06_planner", "08_tools", "09_sources", "10_fact_checker", *SYSTEMS]


def exchanges(home, lesson):
    return recordings.load(home / "notebooks" / "recordings" / f"{lesson}.yaml").exchanges


@pytest.mark.parametrize("lesson", RECORDED)
def test_no_agent_is_sent_the_prompt_of_another(home, lesson):
    made = [e for e in exchanges(home, lesson) if e.request["body"].get("system")]
    systems = {e.request["body"]["system"] for e in made}
    for exchange in made:
        told = json.dumps(exchange.request["body"]["messages"], ensure_ascii=False)
        for system in systems:
            assert json.dumps(system, ensure_ascii=False)[1:-1] not in told, exchange.agent


@pytest.mark.parametrize("lesson", SYSTEMS)
def test_a_workers_prompt_has_50_to_200_words(home, lesson):
    sizes = {e.agent: len(e.request["body"]["system"].split()) for e in exchanges(home, lesson)}
    workers = {
        agent: size for agent, size in sizes.items() if agent and not agent.startswith("one ")
    }
    assert len(workers) >= 4
    assert {agent: size for agent, size in workers.items() if not 50 <= size <= 200} == {}


@pytest.mark.parametrize("lesson", SYSTEMS)
def test_agents_do_not_chat(home, lesson):
    """Each begins from one message of the program's; what follows in its conversation are its own
    tools' results.
    """
    for exchange in exchanges(home, lesson):
        first, *others = exchange.request["body"]["messages"]
        assert first["role"] == "user"
        for message in others:
            kinds = (
                {block["type"] for block in message["content"]}
                if message["role"] == "user"
                else {"tool_result"}
            )
            assert kinds == {"tool_result"}


def test_the_prompts_of_lesson_10_are_those_of_the_research_system(home):
    sent = {e.request["body"]["system"] for e in exchanges(home, "10_fact_checker")}
    assert {research_team.RESEARCHER, research_team.WRITER, research_team.CHECKER} <= sent


@pytest.mark.slow
def test_every_question_of_ask_is_answered_and_every_reply_played(home, tmp_path):
    recording, used = home / "notebooks" / "recordings" / "ask.yaml", tmp_path / "used"
    assert list(replay_problems(recording, used)) == []
    played = {line.split("\t")[1] for line in used.read_text(encoding="utf-8").splitlines()}
    assert played == {str(number) for number in range(len(exchanges(home, "ask")))}
