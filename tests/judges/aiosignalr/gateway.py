"""Two hubs as the gateway has them, on aiosignalr, a SignalR server by other people, and a login.

It tells every connection and call. A line on its standard input is an event to send to all, a word to start
anew, or the end.
"""

import asyncio
import json
import sys

from aiohttp import web
from aiosignalr.errors import HubException
from aiosignalr.server import Hub, ServerOptions, SignalRServer
from aiosignalr.server.aiohttp_server import _AiohttpRequest, _AiohttpResponse, _AiohttpSocket

from judge import say, settings


class GatewayHub(Hub):
    """What both hubs do."""

    async def on_connected(self):
        token = self.context.query_string.get("access_token")
        say("connected", hub=type(self).__name__, token=token)

    async def on_disconnected(self, exception):
        say("disconnected", hub=type(self).__name__)

    def _called(self, method, *arguments):
        say("called", hub=type(self).__name__, method=method, arguments=arguments)


class User(GatewayHub):
    """Its methods answer nothing, as void methods do."""


class Market(GatewayHub):
    """Its methods answer a number, and know what they do not know."""


def add_methods(hub, kinds, check):
    for kind in kinds:
        for method in (f"Subscribe{kind}", f"Unsubscribe{kind}"):
            setattr(hub, method, check(method))


def of_accounts(method):
    def call(self):
        self._called(method)

    return call


def of_account(method):
    def call(self, account_id):
        if type(account_id) is not int:
            raise TypeError(account_id)
        self._called(method, account_id)

    return call


def of_contract(method):
    def call(self, contract_id) -> int:
        if ".NONE." in contract_id:
            raise HubException(f"There is no {contract_id}.")
        self._called(method, contract_id)
        return 0

    return call


add_methods(User, ["Accounts"], of_accounts)
add_methods(User, ["Orders", "Positions", "Trades"], of_account)
add_methods(Market, ["ContractQuotes", "ContractTrades", "ContractMarketDepth"], of_contract)


class TextSocket(_AiohttpSocket):
    """Sends JSON as text, as ASP.NET does; aiosignalr itself sends all in binary frames."""

    async def send_bytes(self, data):
        await self._ws.send_str(data.decode())


def serve_hub(server, sockets):
    """What answers requests for a hub; open sockets are kept in the set."""
    socket_type = TextSocket if settings["frames"] == "text" else _AiohttpSocket

    async def answer(request):
        if not request.query.get("access_token", "").startswith("token-"):
            return web.Response(status=401)
        if request.headers.get("Upgrade", "").lower() == "websocket":
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            sockets.add(socket)
            try:
                await server.handle_websocket(_AiohttpRequest(request), socket_type(socket))
            finally:
                sockets.discard(socket)
            return socket
        response = _AiohttpResponse(request)
        await server._route_http(_AiohttpRequest(request), response)
        return response._resp

    return answer


# What a client asks for that follows the user: there is nothing.
LISTS = {
    "/api/Order/v2/query": "orders",
    "/api/Order/search": "orders",
    "/api/Trade/search": "trades",
    "/api/Position/searchOpen": "positions",
    "/api/Account/search": "accounts",
}


def nothing(name):
    async def answer(request):
        return web.json_response({name: [], "success": True, "errorCode": 0, "errorMessage": None})

    return answer


async def refuse(request):
    return web.json_response({"success": False, "errorCode": 1, "errorMessage": "There is no such order."})


async def log_in(request):
    body = await request.json()
    assert body == {"userName": "jane", "apiKey": "a-key-of-a-test"}, body
    answer = {"token": "token-1", "success": True, "errorCode": 0, "errorMessage": None}
    return web.json_response(answer)


async def start(port):
    """Serves on this port; gives how to send an event, how to stop, and the port."""
    # Quick pings, so that the client sees some.
    options = ServerOptions(keep_alive_interval=0.1, client_timeout_interval=60)
    app = web.Application()
    app.router.add_post("/api/Auth/loginKey", log_in)
    app.router.add_post("/api/Order/searchById", refuse)
    for path, name in LISTS.items():
        app.router.add_post(path, nothing(name))
    hubs, sockets = {}, set()
    for hub in (User, Market):
        server = hubs[hub] = SignalRServer(hub, options=options)
        path = server._path = f"/hubs/{hub.__name__.lower()}"
        for route in (path, f"{path}/negotiate"):
            app.router.add_route("*", route, serve_hub(server, sockets))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, reuse_address=True)
    await site.start()

    async def send(target, arguments):
        hub = User if target.startswith("GatewayUser") else Market
        await hubs[hub].lifetime.send_all(target, tuple(arguments))

    async def stop():
        await site.stop()
        # Without this the server waits for its clients to leave.
        await asyncio.gather(*(socket.close() for socket in list(sockets)))
        await runner.cleanup()

    return send, stop, runner.addresses[0][1]


async def main():
    send, stop, port = await start(0)
    say("ready", port=port)
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "restart":
            await stop()
            send, stop, _ = await start(port)
        elif line == "end":
            break
        else:
            event = json.loads(line)
            await send(event["target"], event["arguments"])
    await stop()
    say("done")


asyncio.run(main())
