"""signalrcore, which Python trading libraries build on: both hubs, a lost connection, refusals."""

import logging
import os

from signalrcore.hub_connection_builder import HubConnectionBuilder

from judge import News, hear, log_in, post, say, settings

ACCOUNT, CONTRACTS = settings["account"], settings["contracts"]
MARKET = ["ContractQuotes", "ContractTrades", "ContractMarketDepth"]
USER = ["Orders", "Positions", "Trades"]
MARKET_EVENTS = ["GatewayQuote", "GatewayTrade", "GatewayDepth"]
USER_EVENTS = ["GatewayUserAccount", "GatewayUserOrder", "GatewayUserPosition", "GatewayUserTrade"]


def check_market(name, arguments):
    """A quote is an object; trades and depth are arrays of objects, with nulls among the depth."""
    contract, data = arguments
    assert contract in CONTRACTS, contract
    symbol = contract[len("CON."):-len(".Z26")]
    if name == "GatewayQuote":
        assert data["symbol"] == symbol and data["timestamp"], data
    else:
        assert isinstance(data, list) and data, data
    if name == "GatewayTrade":
        assert all(trade["symbolId"] == symbol and trade["volume"] > 0 for trade in data), data
    if name == "GatewayDepth":
        assert all(entry is None or {"type", "price", "volume"} < entry.keys() for entry in data), data
    return contract


def check_user(name, arguments):
    """Everything of an account is in an envelope."""
    [event] = arguments
    assert event.keys() == {"action", "data"}, event
    data = event["data"]
    assert data["id" if name == "GatewayUserAccount" else "accountId"] == ACCOUNT, data
    return data


class Hub:
    """A connection whose callbacks are told one after the other."""

    def __init__(self, url, token, events, check):
        self.news = News()
        is_direct = settings["way"] == "direct"
        options = {"skip_negotiation": is_direct}
        # What is not negotiated must name the socket's scheme.
        url = url.replace("http", "ws", 1) if is_direct else url
        if settings["way"] == "header":
            options["access_token_factory"] = lambda: token
        else:
            url = f"{url}?access_token={token}"
        builder = HubConnectionBuilder().with_url(url, options=options).configure_logging(logging.ERROR)
        if settings["is_newest"]:
            reconnect = {"type": "raw", "keep_alive_interval": 1, "reconnect_interval": 1, "max_attempts": 20}
            builder = builder.with_automatic_reconnect(reconnect)
        self.connection = builder.build()
        self.connection.on_open(lambda: self.news.put("open"))
        self.connection.on_close(lambda: self.news.put("close"))
        if settings["is_newest"]:
            self.connection.on_reconnect(lambda: self.news.put("open"))
        self.connection.on_error(lambda message: self.news.put("error", message.error))
        for name in events:
            self.connection.on(name, lambda arguments, name=name: self.take(name, check, arguments))

    def take(self, name, check, arguments):
        # What is wrong ends the judge, wherever it is found.
        try:
            self.news.put(name, check(name, arguments))
        except Exception:
            logging.exception("%s %s", name, arguments)
            os._exit(1)

    def start(self):
        self.connection.start()
        self.news.until(lambda kind, *_: kind == "open")

    def call(self, method, *arguments):
        """Calls a method and waits for its completion, which holds a zero."""
        done = lambda completion: self.news.put("completed", completion.result)
        self.connection.send(method, list(arguments), on_invocation=done)
        told = self.news.until(lambda kind, *_: kind in ("completed", "error"))
        assert told == ("completed", 0), (method, told)

    def refusal(self, method, *arguments):
        """Calls a method that is refused; gives the words."""
        self.connection.send(method, list(arguments))
        return self.news.until(lambda kind, *_: kind in ("completed", "error"))[1]

    def follow(self, *events):
        """Waits for these events in this order, others between them."""
        for name, is_it in events:
            self.news.until(lambda kind, *rest: kind == name and is_it(*rest))

    def stop(self):
        self.connection.stop()
        self.news.until(lambda kind, *_: kind == "close")


def subscribe(user, market):
    user.call("SubscribeAccounts")
    for kind in USER:
        user.call(f"Subscribe{kind}", ACCOUNT)
    for contract in CONTRACTS:
        for kind in MARKET:
            market.call(f"Subscribe{kind}", contract)


def stream(market):
    """Waits until every kind of event came for every contract."""
    left = {(name, contract) for name in MARKET_EVENTS for contract in CONTRACTS}
    while left:
        left.discard(market.news.until(lambda *_: True))


def trade(user, token, side):
    order = {"accountId": ACCOUNT, "contractId": CONTRACTS[0], "type": 2, "side": side, "size": 1}
    post("/api/Order/place", order, token)
    user.follow(
        ("GatewayUserOrder", lambda order: order["status"] == 6),
        ("GatewayUserTrade", lambda fill: fill["side"] == side),
        ("GatewayUserOrder", lambda order: order["status"] == 2),
        ("GatewayUserPosition", lambda position: position["size"] == (1 if side == 0 else 0)),
        ("GatewayUserAccount", lambda account: account["canTrade"]),
    )


def start(token):
    user = Hub(settings["userHubUrl"], token, USER_EVENTS, check_user)
    market = Hub(settings["marketHubUrl"], token, MARKET_EVENTS, check_market)
    user.start()
    market.start()
    return user, market


def judge():
    token = log_in()
    user, market = start(token)
    subscribe(user, market)
    stream(market)
    trade(user, token, side=0)
    say("streaming")

    failed = "Failed to invoke '{}' due to an error on the server."
    unknown = failed + " HubException: Method does not exist."
    assert user.refusal("SubscribeToOrders", ACCOUNT) == unknown.format("SubscribeToOrders")
    assert user.refusal("SubscribeOrders", str(ACCOUNT)) == failed.format("SubscribeOrders")

    say("drop")
    hear("dropped")
    for hub in (user, market):
        hub.news.until(lambda kind, *_: kind == ("open" if settings["is_newest"] else "close"))
    if not settings["is_newest"]:
        user, market = start(token)
    subscribe(user, market)
    stream(market)
    trade(user, token, side=1)
    say("reconnected")

    for kind in MARKET:
        market.call(f"Unsubscribe{kind}", CONTRACTS[0])
    for _ in range(50):
        event = market.news.until(lambda *_: True)
        assert event[1] == CONTRACTS[1], event
    if settings["is_newest"]:
        user.stop()
        market.stop()
    say("done")
    # The older version waits for itself now and then when it is stopped.
    os._exit(0)


judge()
