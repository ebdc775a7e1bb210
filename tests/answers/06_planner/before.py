from mas_helpers.agents import Plan, Subtask
