from anthropic.lib.tools import ToolError
