"""projectx-sdk, a client of the gateway of 2025 by other people: REST as it was then, and both streams."""

import datetime
import os
import tempfile

# It keeps tokens in the home folder.
os.environ["HOME"] = tempfile.mkdtemp()

from projectx_sdk import ProjectXClient
from projectx_sdk.exceptions import ProjectXError
from projectx_sdk.realtime import SyncRealTimeClient
from projectx_sdk.utils.constants import OrderSide, OrderType

from judge import News, say, settings

ACCOUNT, CONTRACT = settings["account"], settings["contracts"][0]
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


def fails(call, code):
    """A call that the gateway refuses with this code."""
    try:
        call()
    except ProjectXError as error:
        assert error.error_code == code, error
        assert error.response["success"] is False, error.response
        return error.response
    raise AssertionError(f"code {code} was expected")


def bars(client):
    now = datetime.datetime.now(datetime.timezone.utc)
    bars = client.history.retrieve_bars(CONTRACT, now - datetime.timedelta(hours=1), now, limit=5)
    times = [bar.timestamp for bar in bars]
    assert len(bars) == 5 and times == sorted(times, reverse=True), times
    assert all(bar.low <= bar.close <= bar.high and bar.volume > 0 for bar in bars), bars


def stream(client, news):
    """Both hubs, at the addresses of the simulator; gives the stream and the best bid."""
    hubs = SyncRealTimeClient(client.auth.get_token(), "demo", settings["userHubUrl"], settings["marketHubUrl"])
    hubs.start()
    assert hubs.is_connected()
    for kind in ("accounts", "orders", "positions", "trades"):
        tell = lambda arguments, kind=kind: news.put(kind, arguments[0])
        getattr(hubs.user, f"subscribe_{kind}")(*([] if kind == "accounts" else [ACCOUNT]), tell)
    # Its calls wait for no answer, so one more does: what came before it has been taken then.
    answered = lambda completion: news.put("answer", completion.result)
    hubs._async_client._user_connection._connection.send("SubscribeAccounts", [], answered)
    assert news.until(lambda kind, *_: kind == "answer") == ("answer", 0)
    for kind in ("quotes", "trades", "market_depth"):
        tell = lambda contract, data, kind=kind: news.put(f"market {kind}", contract, data)
        getattr(hubs.market, f"subscribe_{kind}")(CONTRACT, tell)
    bid = None
    for kind in ("quotes", "trades", "market_depth"):
        is_it = lambda told, *rest: told == f"market {kind}" and (kind != "quotes" or "bestBid" in rest[1])
        _, contract, data = news.until(is_it)
        assert contract == CONTRACT and data, (contract, data)
        bid = bid or data["bestBid"]
    return hubs, bid


def follow(news, kind, **members):
    """Waits for an event of the account with these members."""
    is_it = lambda event: all(event["data"].get(name) == value for name, value in members.items())
    return news.until(lambda told, *rest: told == kind and is_it(*rest))[1]["data"]


def trade(client, news, bid):
    limit = {"order_type": OrderType.LIMIT, "side": OrderSide.BUY, "size": 1, "custom_tag": "sdk"}
    order_id = client.orders.place(ACCOUNT, CONTRACT, limit_price=bid - 50, **limit)
    follow(news, "orders", id=order_id, status=1)
    [order] = client.orders.search_open(ACCOUNT)
    assert (order.id, order.limit_price, order.custom_tag) == (order_id, bid - 50, "sdk"), order
    assert client.orders.modify(ACCOUNT, order_id, size=2)
    follow(news, "orders", id=order_id, status=1, size=2, limitPrice=bid - 50)
    assert client.orders.cancel(ACCOUNT, order_id)
    follow(news, "orders", id=order_id, status=3)
    refused = fails(lambda: client.orders.place(ACCOUNT, CONTRACT, limit_price=bid - 50, **limit), 2)
    assert refused["orderId"] > order_id, refused
    fails(lambda: client.orders.cancel(ACCOUNT, 1), 2)

    entry = client.orders.place(ACCOUNT, CONTRACT, OrderType.MARKET, OrderSide.SELL, 2)
    follow(news, "trades", orderId=entry)
    follow(news, "positions", type=2, size=2)
    [position] = client.positions.search_open(ACCOUNT)
    assert (position.type, position.size) == (2, 2) and position.average_price > 0, position
    assert client.positions.partial_close_contract(ACCOUNT, CONTRACT, 1)
    follow(news, "positions", size=1)
    assert client.positions.close_contract(ACCOUNT, CONTRACT)
    follow(news, "positions", size=0, type=0)
    assert client.positions.search_open(ACCOUNT) == []
    trades = client.trades.search(ACCOUNT, LONG_AGO)
    # An order that takes more than one price has a trade for each.
    sides = [trade.side for trade in trades for _ in range(trade.size)]
    assert sides == [0, 0, 1, 1] and trades[-1].order_id == entry, trades
    orders = client.orders.search(ACCOUNT, LONG_AGO, datetime.datetime.now(datetime.timezone.utc))
    assert [order.status for order in orders] == [3, 5, 2, 2, 2], orders


def judge():
    login = {"username": settings["userName"], "base_url": settings["apiUrl"]}
    client = ProjectXClient(api_key=settings["apiKey"], **login)
    client.auth.validate_token()
    [account] = client.accounts.search(only_active_accounts=True)
    assert (account.id, account.balance, account.can_trade) == (ACCOUNT, 50_000, True), account
    [contract] = [contract for contract in client.contracts.search("MES") if contract.id == CONTRACT]
    assert (contract.tick_size, contract.tick_value) == (0.25, 1.25), contract
    news = News()
    hubs, bid = stream(client, news)
    trade(client, news, bid)
    bars(client)
    say("done")
    # Its streams reconnect for ever, even when they are stopped.
    os._exit(0)


judge()
