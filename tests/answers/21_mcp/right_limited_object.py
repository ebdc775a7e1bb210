# right: an object that can be called
import asyncio


class Limited:
    async def __call__(self, call, seconds, most):
        self.most = most
        try:
            async with asyncio.timeout(seconds) as limit:
                return self.cut(await call())
        except ToolError as error:
            raise ToolError(self.cut(error.content)) from error
        except TimeoutError:
            if not limit.expired():
                raise
        raise ToolError("no answer in time")

    def cut(self, text):
        return text if len(text) <= self.most else "\n".join([text[: self.most], "[cut]"])


limited = Limited()
