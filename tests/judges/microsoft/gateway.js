// What the judges with Microsoft's client share: steps told as JSON lines, REST calls, hub connections.
"use strict";

const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const readline = require("node:readline");
const signalR = require("@microsoft/signalr");

const settings = JSON.parse(process.argv[2]);
const words = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

// Tells the test how far this is.
function say(step, details = {}) {
  process.stdout.write(`${JSON.stringify({ step, ...details })}\n`);
}

// Waits for a word of the test.
async function hear(word) {
  assert.equal((await words.next()).value, word);
}

// A REST call that must succeed; gives the answer.
async function post(path, body, token) {
  const response = await fetch(settings.apiUrl + path, {
    method: "POST",
    headers: {
      accept: "text/plain",
      "Content-Type": "application/json",
      ...(token && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, path);
  return response.json();
}

async function logIn() {
  const answer = await post("/api/Auth/loginKey", { userName: settings.userName, apiKey: settings.apiKey });
  assert.deepEqual({ ...answer, token: "" }, { token: "", success: true, errorCode: 0, errorMessage: null });
  const claims = JSON.parse(Buffer.from(answer.token.split(".")[1], "base64url"));
  assert.equal(claims.exp - claims.iat, 24 * 60 * 60, "a token is good for a day");
  return answer.token;
}

// What the client itself complains about, such as events that nobody listens to and unknown records.
const warnings = [];
// Tells of every frame that comes in, pings among them.
const frames = new EventEmitter();
const logger = {
  log(level, message) {
    if (/data received/.test(message)) frames.emit("frame");
    const isUnknown = /^Unknown message type/.test(message);
    if (isUnknown || level >= signalR.LogLevel.Warning) warnings.push(message);
  },
};

// A connection as the gateway's own sample makes it, or by negotiation.
function connect(url, token, isDirect) {
  return new signalR.HubConnectionBuilder()
    .withUrl(isDirect ? `${url}?access_token=${token}` : url, {
      accessTokenFactory: () => token,
      ...(isDirect && { skipNegotiation: true, transport: signalR.HttpTransportType.WebSockets, timeout: 10000 }),
    })
    .withAutomaticReconnect([0, 50, 100, 200, 500, 1000, 2000])
    .configureLogging(logger);
}

// Runs a judge: what it throws ends it with 1, and an open handle would keep it from ending.
function run(judge) {
  judge().then(
    () => {
      say("done", { warnings });
      process.stdin.destroy();
    },
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
}

module.exports = { settings, say, hear, post, logIn, connect, run, warnings, frames, signalR };
