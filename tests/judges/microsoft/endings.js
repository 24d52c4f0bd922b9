// How a quiet connection lives on, and how connections end, by Microsoft's client.
"use strict";

const assert = require("node:assert/strict");
const { once } = require("node:events");
const { settings, say, hear, logIn, connect, run, warnings, frames, signalR } = require("./gateway.js");

// A connection without reconnection, and what tells how it ends.
async function start(token, { serverTimeout = 30000, keepAlive = 15000, isDirect = false }) {
  const builder = connect(settings.userHubUrl, token, isDirect);
  builder.reconnectPolicy = undefined;
  const hub = builder.withServerTimeout(serverTimeout).withKeepAliveInterval(keepAlive).build();
  const closed = new Promise((resolve) => hub.onclose((error) => resolve(error?.message ?? "")));
  await hub.start();
  return { hub, closed };
}

const ENDINGS = {
  // Pings of both sides keep a connection that says nothing else for longer than either side's timeout.
  async quiet(token) {
    const { hub, closed } = await start(token, { serverTimeout: 2000, keepAlive: 100 });
    // One ping in 100 milliseconds, so this takes three seconds.
    for (let pings = 0; pings < 30; pings += 1) {
      assert.deepEqual(await Promise.race([closed, once(frames, "frame")]), []);
    }
    assert.deepEqual(warnings, []);
    assert.equal(await hub.invoke("SubscribeAccounts"), 0);
    await hub.stop();
    assert.equal(await closed, "");
  },
  // A server that says nothing is left.
  async silent_server(token) {
    const { closed } = await start(token, { serverTimeout: 300 });
    assert.equal(await closed, "Server timeout elapsed without receiving a message from the server.");
  },
  // A client that says nothing is dropped.
  async silent_client(token) {
    const { closed } = await start(token, { keepAlive: 600000 });
    say("closed", { error: await closed });
  },
  // The order to leave comes with its reason, and then the connection ends.
  async logout(token) {
    const { hub, closed } = await start(token, { isDirect: true });
    const told = new Promise((resolve) => hub.on("GatewayLogout", (...parts) => resolve(parts)));
    say("connected");
    await hear("leave");
    assert.deepEqual(await told, ["Another device signed in."]);
    say("closed", { error: await closed });
  },
  // Nobody gets in without a good token, by either way.
  async bad_token() {
    for (const isDirect of [false, true]) {
      const builder = connect(settings.userHubUrl, "not.a.token", isDirect);
      await assert.rejects(builder.build().start(), (error) => {
        assert.match(error.message, isDirect ? /WebSocket failed to connect/ : /401/);
        return true;
      });
    }
  },
  // A protocol that the server does not speak is refused with a reason.
  async wrong_protocol(token) {
    const builder = connect(settings.userHubUrl, token, true);
    const json = new signalR.JsonHubProtocol();
    const foreign = {
      name: "cobol", version: 1, transferFormat: json.transferFormat,
      parseMessages: json.parseMessages.bind(json), writeMessage: json.writeMessage.bind(json),
    };
    await assert.rejects(builder.withHubProtocol(foreign).build().start(), (error) => {
      assert.match(error.message, /The protocol 'cobol' is not supported\./);
      return true;
    });
  },
};

run(async () => {
  await ENDINGS[settings.ending](await logIn());
  warnings.length = 0;
});
