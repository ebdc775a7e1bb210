# right: by the status
import asyncio
from dataclasses import replace

from anthropic import APIStatusError


class Patient:
    def __init__(self, error_class):
        self.error_class = error_class

    async def __call__(self, agent, prompt, cap):
        single = replace(agent, client=agent.client.with_options(max_retries=0))
        wait = None
        try:
            return await single.run(prompt)
        except self.error_class as error:
            if error.status_code == 429:
                wait = error.response.headers.get("retry-after")
            if wait is None or float(wait) > cap:
                raise
        await asyncio.sleep(float(wait))
        return await single.run(prompt)


with_retry_after_cap = Patient(APIStatusError)
