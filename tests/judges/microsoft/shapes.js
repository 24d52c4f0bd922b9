// What each hub event must look like: member names, types, ranges, arrays, envelopes. Written from the
// gateway's wire alone, and strict: a member that is not listed here is an error.
"use strict";

const assert = require("node:assert/strict");

const isInt = (value) => Number.isSafeInteger(value);
const int32 = (value) => isInt(value) && value > 0 && value < 2 ** 31;
const int64 = (value) => isInt(value) && value > 2 ** 31;
const count = (value) => isInt(value) && value >= 0;
const decimal = (value) => typeof value === "number" && Number.isFinite(value);
const price = (value) => decimal(value) && value > 0;
const bool = (value) => typeof value === "boolean";
const text = (value) => typeof value === "string" && value.length > 0;
const oneOf = (...values) => (value) => values.includes(value);
const between = (low, high) => (value) => isInt(value) && value >= low && value <= high;
const matches = (pattern) => (value) => typeof value === "string" && pattern.test(value);
const contractId = matches(/^CON\.F\.US\.[A-Z0-9]+\.[FGHJKMNQUVXZ]\d\d$/);
const symbolId = matches(/^F\.US\.[A-Z0-9]+$/);
// Up to seven digits of a second for stamps of the gateway, three for those of the exchange; zeros at the
// end are cut.
const stamp = (digits) =>
  matches(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{0,${digits - 1}}[1-9])?\\+00:00$`));

// A name with a question mark may be absent. Nothing is ever null: such members are left out.
const ACCOUNT = {
  id: int32, name: text, balance: decimal, canTrade: bool, isVisible: bool, simulated: bool,
};
const ORDER = {
  id: int64, accountId: int32, contractId, symbolId, creationTimestamp: stamp(7), updateTimestamp: stamp(7),
  status: between(1, 8), type: between(1, 7), side: oneOf(0, 1), size: int32, "limitPrice?": price,
  "stopPrice?": price, fillVolume: count, "filledPrice?": price, "customTag?": text, "trailDistance?": isInt,
  "trailPrice?": decimal, "parentOrderId?": int64, "linkedOrderId?": int64,
};
const POSITION = {
  id: int32, accountId: int32, contractId, contractDisplayName: matches(/^[A-Z0-9]+[FGHJKMNQUVXZ]\d\d$/),
  creationTimestamp: stamp(7), type: between(0, 2), size: count, averagePrice: price,
};
const FILL = {
  id: int64, accountId: int32, contractId, creationTimestamp: stamp(7), price, "profitAndLoss?": decimal,
  fees: decimal, commissions: decimal, side: oneOf(0, 1), size: int32, voided: bool, orderId: int64,
};
const QUOTE = {
  symbol: symbolId, "symbolName?": matches(/^\/[A-Z0-9]+$/), "lastPrice?": price, "bestBid?": price,
  "bestAsk?": price, "change?": decimal, "changePercent?": decimal, "open?": price, "high?": price,
  "low?": price, "volume?": count, lastUpdated: stamp(7), timestamp: stamp(3),
};
const TRADE = { symbolId, price, timestamp: stamp(3), type: oneOf(0, 1), volume: int32 };
const DEPTH = {
  timestamp: stamp(7), type: between(1, 11), price: (value) => decimal(value) && value >= 0, volume: count,
  currentVolume: count,
};

function checkObject(shape, value, what) {
  assert.ok(value !== null && typeof value === "object" && !Array.isArray(value), `${what} is no object`);
  const unknown = new Set(Object.keys(value));
  for (const [key, isRight] of Object.entries(shape)) {
    const name = key.replace("?", "");
    if (!unknown.delete(name)) {
      assert.ok(key.endsWith("?"), `${what} lacks ${name}`);
      continue;
    }
    assert.ok(isRight(value[name]), `${name} of ${what} is ${JSON.stringify(value[name])}`);
  }
  assert.equal(unknown.size, 0, `${what} has the unknown members ${[...unknown]}`);
}

// Checks the arguments of a user event and gives its data.
function checkUserEvent(name, parts, isEnveloped) {
  const shape = { Account: ACCOUNT, Order: ORDER, Position: POSITION, Trade: FILL }[name.slice(11)];
  assert.equal(parts.length, 1, `${name} has ${parts.length} arguments`);
  let [data] = parts;
  if (isEnveloped) {
    checkObject({ action: between(0, 2), data: () => true }, data, `the envelope of ${name}`);
    const { action } = data;
    data = data.data;
    const isFlat = shape === POSITION && data.size === 0;
    assert.equal(action, shape === FILL ? 0 : isFlat ? 2 : 1, `the action of ${JSON.stringify(data)}`);
  }
  checkObject(shape, data, name);
  if (shape === POSITION) assert.equal(data.size === 0, data.type === 0, "a flat position has no side");
  if (shape === ORDER) {
    assert.equal(data.status === 2, data.fillVolume === data.size, "filled is what has all its volume");
    assert.equal("filledPrice" in data, data.fillVolume > 0, "a fill has a price");
    // A leg of brackets gets its price when it begins to work.
    const mustHavePrice = data.type === 1 && data.status !== 8;
    assert.ok(!mustHavePrice || "limitPrice" in data, "a limit order has its price");
  }
  return data;
}

// Checks the arguments of a market event and gives what it holds: quotes, trades or depth entries.
function checkMarketEvent(name, parts, { hasArrays, hasFullQuotes }) {
  assert.equal(parts.length, 2, `${name} has ${parts.length} arguments`);
  const [contract, data] = parts;
  assert.ok(contractId(contract), `${name} of ${JSON.stringify(contract)}`);
  const symbol = contract.slice(4, -4);
  if (name === "GatewayQuote") {
    checkObject(QUOTE, data, name);
    assert.equal(data.symbol, symbol);
    const length = Object.keys(QUOTE).length;
    if (hasFullQuotes) assert.equal(Object.keys(data).length, length, "a full quote has all members");
    return [data];
  }
  assert.equal(Array.isArray(data), hasArrays, `${name} holds ${JSON.stringify(data)}`);
  const items = (hasArrays ? data : [data]).filter((item) => item !== null || name !== "GatewayDepth");
  assert.ok(items.length > 0 || data.length > 0, `${name} is empty`);
  for (const item of items) {
    checkObject(name === "GatewayTrade" ? TRADE : DEPTH, item, name);
    if (name === "GatewayTrade") assert.equal(item.symbolId, symbol);
  }
  return items;
}

module.exports = { checkUserEvent, checkMarketEvent };
