"""The proxy between the browsers and the attendees' servers: configurable-http-proxy, with room for
a whole class.

Left alone it holds ten requests at a time: ten people who wait for their server would keep all
others waiting.
"""

from configurable_http_proxy.cli import main
from tornado.httpclient import AsyncHTTPClient

AsyncHTTPClient.configure(None, max_clients=1000)
main()
