"""topstep-client-py, a client of the gateway by other people: every call that it has, and both streams."""

import asyncio
import datetime
import logging

from topstep.client import TopstepClient
from topstep.exceptions import APIError
from topstep.models import BarUnit, OrderSide, OrderStatus, OrderType, PlaceOrderRequest, PositionType
from topstep.realtime import MarketHub, UserHub

from judge import PATIENCE, say, settings

ACCOUNT, CONTRACT = settings["account"], settings["contracts"][0]
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)


class News:
    """What the hubs tell, one after the other."""

    def __init__(self):
        self.queue = asyncio.Queue()

    def of(self, name):
        """A callback for events of this name; it gets the arguments as one list."""
        return lambda *parts: self.queue.put_nowait((name, *(parts[0] if parts else [])))

    def answered(self):
        """A callback for the answer to a call; it comes from another thread."""
        loop = asyncio.get_running_loop()
        return lambda _: loop.call_soon_threadsafe(self.queue.put_nowait, ("answer",))

    async def until(self, name, is_it=lambda *_: True):
        while True:
            news = await asyncio.wait_for(self.queue.get(), PATIENCE)
            if news[0] == name and is_it(*news[1:]):
                return news[1:]


async def fails(call, code, message=None):
    """A call that the gateway refuses with this code."""
    try:
        await call
    except APIError as error:
        assert error.error_code == code, (error.error_code, str(error))
        assert message is None or message in str(error), error
    else:
        raise AssertionError(f"code {code} was expected")


def order(type, side, size=1, **members):
    return PlaceOrderRequest(
        accountId=ACCOUNT, contractId=CONTRACT, type=type, side=side, size=size, **members
    )


async def look_around(client):
    [account] = await client.accounts.search()
    assert account.id == ACCOUNT and account.can_trade and account.balance == 50_000, account
    assert len(await client.accounts.search(only_active=False)) > 1
    found = await client.contracts.search("MES")
    [contract] = [contract for contract in found if contract.id == CONTRACT]
    assert (contract.tick_size, contract.tick_value, contract.symbol_id) == (0.25, 1.25, "F.US.MES")
    assert await client.contracts.search_by_id(CONTRACT) == contract
    available = await client.contracts.available()
    assert contract in available and all(contract.active_contract for contract in available)
    assert [contract.id for contract in available] == sorted(contract.id for contract in available)
    await fails(client.contracts.search_by_id("CON.F.US.NONE.Z26"), 1)


async def bars(client):
    now = datetime.datetime.now(datetime.timezone.utc)
    start = now - datetime.timedelta(hours=1)
    bars = await client.history.retrieve_bars(CONTRACT, start, now, BarUnit.MINUTE, 5, limit=10)
    times = [bar.timestamp for bar in bars]
    assert len(bars) == 10 and times == sorted(times, reverse=True), times
    assert all(time.minute % 5 == time.second == 0 and start <= time <= now for time in times), times
    assert all(bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high for bar in bars)
    assert all(bar.volume > 0 for bar in bars)
    await fails(client.history.retrieve_bars("CON.F.US.NONE.Z26", start, now), 1)
    await fails(client.history.retrieve_bars(CONTRACT, start, now, limit=0), 4)


async def stream(client, news):
    """Both hubs, at the addresses of the simulator."""
    client._market_hub = MarketHub(client.token, settings["marketHubUrl"])
    client._user_hub = UserHub(client.token, settings["userHubUrl"])
    for kind in ("quote", "trade", "depth"):
        getattr(client.market, f"on_{kind}")(news.of(kind))
    for kind in ("account", "order", "position", "trade"):
        getattr(client.user, f"on_{kind}")(news.of(f"user {kind}"))
    for hub in (client.market, client.user):
        hub.on_open(news.of("open"))
        await hub.connect()
        await news.until("open")
    await client.user.subscribe_accounts()
    for kind in ("orders", "positions", "trades"):
        await getattr(client.user, f"subscribe_{kind}")(ACCOUNT)
    # The client waits for no answer, so one more call does: what came before it has been taken then.
    client.user._hub.send("SubscribeAccounts", [], news.answered())
    await news.until("answer")
    await client.market.subscribe_all(CONTRACT)
    contract, quote = await news.until("quote")
    assert contract == CONTRACT
    contract, trades = await news.until("trade")
    assert contract == CONTRACT and trades[0]["symbolId"] == "F.US.MES", trades
    contract, depth = await news.until("depth", lambda _, depth: len(depth) > 1)
    assert contract == CONTRACT and depth[0]["type"] in range(1, 12), depth
    return quote["bestBid"]


async def rest_on_the_book(client, news, bid):
    """An order that nobody takes: placed, changed, taken back, and seen everywhere."""
    limit = order(OrderType.LIMIT, OrderSide.BUY, limitPrice=bid - 50, customTag="py-rest")
    order_id = await client.orders.place(limit)
    is_it = lambda event: event["data"]["id"] == order_id
    [event] = await news.until("user order", is_it)
    assert event["data"]["status"] == OrderStatus.OPEN, event
    [open_order] = await client.orders.search_open(ACCOUNT)
    assert (open_order.id, open_order.limit_price, open_order.size) == (order_id, bid - 50, 1)
    assert open_order.custom_tag == "py-rest" and open_order.fill_volume == 0, open_order

    await client.orders.modify(ACCOUNT, order_id, size=3, limit_price=bid - 60)
    [event] = await news.until("user order", is_it)
    assert (event["data"]["size"], event["data"]["limitPrice"]) == (3, bid - 60), event
    await fails(client.orders.modify(ACCOUNT, order_id, limit_price=bid - 60.1), 3, "not aligned to tick size")
    await fails(client.orders.modify(ACCOUNT, 1, size=1), 2)

    await client.orders.cancel(ACCOUNT, order_id)
    [event] = await news.until("user order", is_it)
    assert event["data"]["status"] == OrderStatus.CANCELLED, event
    assert await client.orders.search_open(ACCOUNT) == []
    await fails(client.orders.cancel(ACCOUNT, 1), 2)
    await fails(client.orders.place(limit), 2, "Specified custom tag is already in use")


async def buy_and_sell(client, news):
    """A position that is opened, halved and closed."""
    entry = await client.orders.place(order(OrderType.MARKET, OrderSide.BUY, size=2))
    [event] = await news.until("user trade", lambda event: event["data"]["orderId"] == entry)
    assert event["action"] == 0 and "profitAndLoss" not in event["data"], event
    await news.until("user position", lambda event: event["data"]["size"] == 2)
    [position] = await client.positions.search_open(ACCOUNT)
    assert (position.type, position.size, position.contract_id) == (PositionType.LONG, 2, CONTRACT)

    await fails(client.positions.partial_close(ACCOUNT, CONTRACT, 5), 5)
    await client.positions.partial_close(ACCOUNT, CONTRACT, 1)
    await news.until("user position", lambda event: event["data"]["size"] == 1)
    await client.positions.close(ACCOUNT, CONTRACT)
    [event] = await news.until("user position", lambda event: event["data"]["size"] == 0)
    assert event["action"] == 2, event
    assert await client.positions.search_open(ACCOUNT) == []
    await fails(client.positions.close(ACCOUNT, CONTRACT), 2)

    trades = await client.trades.search(ACCOUNT, LONG_AGO)
    # An order that takes more than one price has a trade for each.
    closing = [trade for trade in trades if trade.profit_and_loss is not None]
    opening = [trade for trade in trades if trade.profit_and_loss is None]
    assert trades == closing + opening, "newest first"
    assert sum(trade.size for trade in opening) == sum(trade.size for trade in closing) == 2, trades
    assert all(trade.order_id == entry for trade in opening), trades
    average = sum(trade.size * trade.price for trade in opening) / 2
    assert abs(average - position.average_price) < 1e-6, (average, position)
    balance = 50_000 + sum((trade.profit_and_loss or 0) - trade.fees for trade in trades) - 4 * 0.25
    await news.until("user account", lambda event: abs(event["data"]["balance"] - balance) < 1e-6)
    [account] = await client.accounts.search()
    assert abs(account.balance - balance) < 1e-6, (account, balance)

    orders = await client.orders.search(ACCOUNT, LONG_AGO)
    statuses = [order.status for order in orders]
    cancelled, rejected, filled = OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.FILLED
    assert statuses == [cancelled, rejected, filled, filled, filled], statuses
    assert [order.id for order in orders] == sorted(order.id for order in orders), "oldest first"
    assert orders[2].fill_volume == 2 and abs(orders[2].filled_price - average) < 1e-6, orders[2]


async def judge():
    login = {"username": settings["userName"], "base_url": settings["apiUrl"]}
    await fails(TopstepClient.create(api_key="wrong", **login), 3)
    async with await TopstepClient.create(api_key=settings["apiKey"], **login) as client:
        before = client.token
        await client.refresh_token()
        assert client.token and client.token.count(".") == 2 and before, client.token
        await look_around(client)
        news = News()
        bid = await stream(client, news)
        await rest_on_the_book(client, news, bid)
        await buy_and_sell(client, news)
        await client.market.unsubscribe_all(CONTRACT)
        await bars(client)
    say("done")


logging.basicConfig(level=logging.WARNING)
asyncio.run(judge())
