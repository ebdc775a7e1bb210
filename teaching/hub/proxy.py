"""The proxy between the browsers and the attendees' servers: configurable-http-proxy, with room for
a whole class.

Left alone it holds ten requests at a time: ten people who wait for their server would keep all
others waiting. And it drops the protocol of a web socket that server and browser agree on: each
first connection to a kernel then fails in the browser, which tells its console and tries again.
"""

from configurable_http_proxy.cli import main
from configurable_http_proxy.handlers import ProxyHandler
from tornado.httpclient import AsyncHTTPClient


def select_subprotocol(handler, offered):
    """What the attendee's server chose of the protocols that the browser offers."""
    return handler.ws_client.selected_subprotocol


ProxyHandler.select_subprotocol = select_subprotocol
AsyncHTTPClient.configure(None, max_clients=1000)
main()
