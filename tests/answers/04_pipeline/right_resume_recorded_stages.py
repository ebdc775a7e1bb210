# right: finished stages answer from memory
from mas_helpers import run_pipeline


class Finished:
    def __init__(self, name, text):
        self.name, self.text = name, text

    async def run(self, prompt):
        return self.text


async def resume(task, stages, gate, completed):
    def new_ones_only(stage, text):
        return None if stage in completed else gate(stage, text)

    all_of_them = [
        Finished(stage.name, completed[stage.name]) if stage.name in completed else stage
        for stage in stages
    ]
    return await run_pipeline(task, all_of_them, new_ones_only)
