// Everything that a trading program does with both hubs, by Microsoft's client.
"use strict";

const assert = require("node:assert/strict");
const { once, EventEmitter } = require("node:events");
const { settings, say, hear, post, logIn, connect, run, warnings } = require("./gateway.js");
const { checkUserEvent, checkMarketEvent } = require("./shapes.js");

const USER_EVENTS = ["GatewayUserAccount", "GatewayUserOrder", "GatewayUserPosition", "GatewayUserTrade"];
const MARKET_EVENTS = ["GatewayQuote", "GatewayTrade", "GatewayDepth"];
const MARKET_KINDS = ["Quotes", "Trades", "MarketDepth"];
const { account, contracts } = settings;

// How many events came, by name and contract.
let counts = {};
// States of orders in the order in which they came.
const orders = [];
// The best bids, by contract.
const bids = {};
// User events in the order in which they came, in short.
let story = [];
const news = new EventEmitter();
let problem = null;

function count(key) {
  counts[key] = (counts[key] ?? 0) + 1;
  news.emit("news");
}

// Waits until this holds, looking again after every event.
async function until(holds) {
  for (;;) {
    if (problem) throw problem;
    if (holds()) return;
    await once(news, "news");
  }
}

// The client swallows what a handler throws, so it is kept.
function checked(handle) {
  return (...parts) => {
    try {
      handle(...parts);
    } catch (error) {
      problem ??= error;
      news.emit("news");
    }
  };
}

function tell(name, data) {
  switch (name) {
    case "GatewayUserOrder": return `order ${data.status}`;
    case "GatewayUserTrade": return "profitAndLoss" in data ? "closing fill" : "opening fill";
    case "GatewayUserPosition": return `position ${data.size}`;
    default: return "account";
  }
}

function listen(user, market) {
  for (const name of USER_EVENTS) {
    user.on(name, checked((...parts) => {
      const data = checkUserEvent(name, parts, settings.isEnveloped);
      assert.equal(data.accountId ?? data.id, account);
      story.push(tell(name, data));
      if (name === "GatewayUserOrder") orders.push(data);
      count(name);
    }));
  }
  const seen = new Set();
  for (const name of MARKET_EVENTS) {
    market.on(name, checked((...parts) => {
      const items = checkMarketEvent(name, parts, settings);
      const [contract] = parts;
      assert.ok(contracts.includes(contract));
      const key = `${name} ${contract}`;
      if (name === "GatewayDepth" && !seen.has(key)) {
        assert.deepEqual(items.map((item) => [item.type, item.price]), [[6, 0]], "depth begins with a reset");
      }
      seen.add(key);
      if (name === "GatewayQuote") bids[contract] = items[0].bestBid ?? bids[contract];
      count(key);
    }));
  }
}

// Asks the market hub for all, or for all but one of the kinds; every answer is a zero.
async function callMarket(market, verb, wanted = contracts) {
  for (const contract of wanted) {
    for (const kind of MARKET_KINDS) {
      assert.equal(await market.invoke(`${verb}Contract${kind}`, contract), 0);
    }
  }
}

async function callUser(user, verb) {
  assert.equal(await user.invoke(`${verb}Accounts`), 0);
  for (const kind of ["Orders", "Positions", "Trades"]) {
    assert.equal(await user.invoke(verb + kind, account), 0);
  }
}

const marketKeys = contracts.flatMap((contract) => MARKET_EVENTS.map((name) => `${name} ${contract}`));
const hasMarket = () => marketKeys.every((key) => counts[key] >= 10);

// Waits for these user events, with others of the same account between them, and forgets them.
async function follow(...expected) {
  const isComplete = () => {
    const left = [...expected];
    for (const event of story) if (event === left[0]) left.shift();
    return left.length === 0;
  };
  await until(isComplete);
  story = [];
}

async function trade(token) {
  const order = (path, members) => post(`/api/Order/${path}`, { accountId: account, ...members }, token);
  const contractId = contracts[0];
  const market = { contractId, type: 2, side: 0, size: 1 };
  // The entry: pending, filled at once, a position, a pair of account events.
  const entry = await order("place", { ...market, limitPrice: null, stopPrice: null, customTag: "js-entry" });
  assert.ok(entry.success && entry.orderId > 2 ** 31, JSON.stringify(entry));
  await follow("order 6", "order 2", "position 1", "account", "account");
  // The exit tells the opening fill once more.
  assert.ok((await order("place", { ...market, side: 1 })).success);
  await follow("order 6", "closing fill", "opening fill", "order 2", "position 0", "account", "account");
  // A limit that nobody takes, changed and taken back.
  const resting = await order("place", { ...market, type: 1, limitPrice: bids[contractId] - 50 });
  assert.ok(resting.success, JSON.stringify(resting));
  await follow("order 1");
  const { orderId } = resting;
  const change = { orderId, size: 2, limitPrice: bids[contractId] - 60, stopPrice: null };
  assert.ok((await order("modify", change)).success);
  await follow("order 1");
  assert.ok((await order("cancel", { orderId })).success);
  await follow("order 3");
  // A tag can be used once; what is refused is an order all the same.
  const refused = await order("place", { ...market, customTag: "js-entry" });
  assert.equal(refused.errorCode, 2);
  assert.match(refused.errorMessage, /^Specified custom tag is already in use/);
  assert.ok(refused.orderId > entry.orderId);
  await follow("order 6", "order 5");
}

// An entry with brackets brings its two legs at once; they work when it is filled, and stay when the position
// is closed by another order.
async function tradeWithBrackets(token) {
  const call = (path, members) => post(path, { accountId: account, ...members }, token);
  const contractId = contracts[0];
  const placed = await call("/api/Order/place", {
    contractId, type: 2, side: 0, size: 1, customTag: "js-family",
    stopLossBracket: { ticks: -400, type: 4 }, takeProfitBracket: { ticks: 400, type: 1 },
  });
  assert.ok(placed.success, JSON.stringify(placed));
  const entryId = placed.orderId;
  const states = (leg) => orders.filter((order) => order.customTag === `js-family-${leg}`);
  await until(() => ["SL", "TP"].every((leg) => states(leg).some((order) => order.status === 1)));
  const { filledPrice } = orders.find((order) => order.id === entryId && order.status === 2);
  const [suspended, stop] = states("SL");
  const [, target] = states("TP");
  assert.deepEqual([suspended.status, suspended.stopPrice, suspended.limitPrice], [8, undefined, undefined]);
  for (const leg of [stop, target]) {
    assert.deepEqual([leg.parentOrderId, leg.side, leg.size], [entryId, 1, 1], JSON.stringify(leg));
  }
  assert.deepEqual([stop.type, stop.stopPrice, stop.trailDistance], [4, filledPrice - 100, -400]);
  assert.deepEqual([target.type, target.limitPrice, target.trailDistance], [1, filledPrice + 100, 400]);
  assert.deepEqual([target.linkedOrderId, stop.linkedOrderId], [stop.id, undefined]);

  story = [];
  assert.ok((await call("/api/Position/closeContract", { contractId })).success);
  await follow("closing fill", "position 0");
  for (const leg of [stop, target]) {
    assert.ok((await call("/api/Order/cancel", { orderId: leg.id })).success, JSON.stringify(leg));
    await until(() => orders.some((order) => order.id === leg.id && order.status === 3));
  }
  story = [];
}

async function refuses(connection, method, argument, wording) {
  await assert.rejects(connection.invoke(method, argument), (error) => {
    assert.equal(error.message, `Failed to invoke '${method}' due to an error on the server.${wording}`);
    return true;
  });
}

// The client makes do with less than the gateway tells, so the answers to both versions are looked at here.
async function checkNegotiation(url, token) {
  const transports = [{ transport: "WebSockets", transferFormats: ["Text", "Binary"] }];
  for (const [query, version] of [["", 0], ["?negotiateVersion=1", 1]]) {
    const headers = { Authorization: `Bearer ${token}` };
    const response = await fetch(`${url}/negotiate${query}`, { method: "POST", headers });
    const { connectionId, connectionToken, ...rest } = await response.json();
    assert.deepEqual(rest, { negotiateVersion: version, availableTransports: transports });
    assert.equal(typeof connectionId, "string");
    assert.equal(typeof connectionToken, version === 0 ? "undefined" : "string");
    assert.notEqual(connectionId, connectionToken);
  }
}

run(async () => {
  const token = await logIn();
  const { userHubUrl, marketHubUrl, isDirect } = settings;
  await checkNegotiation(userHubUrl, token);
  const user = connect(userHubUrl, token, isDirect).build();
  const market = connect(marketHubUrl, token, isDirect).build();
  const hubs = [user, market];
  listen(user, market);

  await Promise.all(hubs.map((hub) => hub.start()));
  for (const hub of hubs) assert.equal(Boolean(hub.connectionId), !isDirect, "only negotiation tells an id");
  await callUser(user, "Subscribe");
  await callMarket(market, "Subscribe");
  await until(hasMarket);
  await trade(token);
  if (settings.hasBrackets) await tradeWithBrackets(token);
  say("streaming", { counts });

  const unknown = " HubException: Method does not exist.";
  await refuses(user, "SubscribeToOrders", account, unknown);
  await refuses(market, "SubscribeOrders", account, unknown);
  await refuses(user, "SubscribeOrders", String(account), "");
  await refuses(market, "SubscribeContractQuotes", 5, "");

  // Subscriptions die with a connection, and the client puts them back when it has another.
  const back = hubs.map((hub) => new Promise((resolve) => {
    hub.onreconnected(() => (hub === user ? callUser : callMarket)(hub, "Subscribe").then(resolve));
  }));
  const lost = hubs.map((hub) => new Promise((resolve) => hub.onreconnecting(resolve)));
  say("drop");
  await hear("dropped");
  await Promise.all([...lost, ...back]);
  counts = {};
  story = [];
  await until(hasMarket);
  const order = { accountId: account, contractId: contracts[1], type: 2, side: 1, size: 2 };
  assert.ok((await post("/api/Order/place", order, token)).success);
  await follow("order 6", "order 2", "position 2");
  say("reconnected", { counts });

  // What is not subscribed any more is not told any more, whereas the rest goes on.
  warnings.length = 0;
  await callMarket(market, "Unsubscribe", [contracts[0]]);
  await callUser(user, "Unsubscribe");
  counts = {};
  const other = { ...order, contractId: contracts[1], side: 0 };
  assert.ok((await post("/api/Order/place", other, token)).success);
  await until(() => marketKeys.filter((key) => key.endsWith(contracts[1])).every((key) => counts[key] >= 20));
  const untold = Object.keys(counts).filter((key) => !key.endsWith(contracts[1]));
  assert.deepEqual(untold, [], "events came after the end of their subscription");

  const closed = hubs.map((hub) => new Promise((resolve) => hub.onclose(resolve)));
  await Promise.all(hubs.map((hub) => hub.stop()));
  assert.deepEqual(await Promise.all(closed), [undefined, undefined], "a stop is no error");
});
