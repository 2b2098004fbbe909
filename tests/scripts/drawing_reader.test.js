import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";
import { DrawingReader } from "../../mnist_demo/ui/components/draw_pad/drawing_reader.js";

/** A server that answers when it is told to. */
class Server {
  constructor() {
    this.asked = []; // { url, body, answer, fail }
    globalThis.fetch = (url, { body }) =>
      new Promise((resolve, reject) => {
        const answer = (content, { status = 200, headers = {} } = {}) =>
          resolve(new Response(typeof content === "string" ? content : JSON.stringify(content), { status, headers }));
        this.asked.push({ url, body, answer, fail: reject });
      });
  }

  get last() {
    return this.asked.at(-1);
  }
}

/** Let everything that waits for an answer go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

let server, heard, reader;

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(Math, "random", () => 0);
  server = new Server();
  heard = [];
  reader = new DrawingReader((reading) => heard.push(reading));
});

afterEach(() => {
  mock.timers.reset();
  mock.restoreAll();
});

test("a drawing is sent to the network that was chosen", async () => {
  reader.choose("run:ä b");
  reader.read({ body: "seven" }, true);
  assert.equal(server.last.url, "read?model=run%3A%C3%A4%20b&moving=1");
  assert.equal(server.last.body, "seven");
  server.last.answer({ digit: 7 });
  await settle();
  assert.deepEqual(heard.at(-1), { digit: 7 });
});

test("while the server is busy only the newest drawing is kept, and it is always read", async () => {
  reader.read({ body: "a" }, true);
  reader.read({ body: "b" }, true);
  reader.read({ body: "c" });
  assert.equal(server.asked.length, 1);
  server.last.answer({ digit: 1 });
  await settle();
  assert.deepEqual(server.asked.map(({ body }) => body), ["a", "c"]);
  assert.match(server.last.url, /moving=0/);
  server.last.answer({ digit: 3 });
  await settle();
  assert.equal(server.asked.length, 2);
  assert.deepEqual(heard, [{ digit: 1 }, { digit: 3 }]);
});

test("an answer that comes after the pad was cleared is not shown", async () => {
  reader.read({ body: "a" });
  reader.read(null);
  server.last.answer({ digit: 1 });
  await settle();
  assert.deepEqual(heard, [null]);
  reader.read({ body: "b" });
  assert.equal(server.last.body, "b");
});

test("another network reads the drawing that is there", async () => {
  reader.read({ body: "a" });
  server.last.answer({ digit: 1 });
  await settle();
  reader.choose("mlp-relu");
  assert.deepEqual([server.last.url, server.last.body], ["read?model=mlp-relu&moving=0", "a"]);
});

test("who comes late hears what was read last", async () => {
  reader.read({ body: "a" });
  server.last.answer({ digit: 1 });
  await settle();
  reader.repeat();
  assert.deepEqual(heard, [{ digit: 1 }, { digit: 1 }]);
});

for (const [header, pause] of [["7", 7000], [undefined, 1000], ["soon", 1000], ["100000", 30000]]) {
  test(`a busy server with Retry-After ${header} is asked again after ${pause} ms`, async () => {
    reader.read({ body: "a" });
    server.last.answer({ error: "busy" }, { status: 503, headers: header ? { "Retry-After": header } : {} });
    await settle();
    assert.deepEqual(heard, [{ error: "busy" }]);
    mock.timers.tick(pause - 1);
    await settle();
    assert.equal(server.asked.length, 1);
    mock.timers.tick(1);
    await settle();
    assert.equal(server.asked.length, 2);
  });
}

test("what is drawn in the pause is what the server is asked for then", async () => {
  reader.read({ body: "a" });
  server.last.answer({ error: "busy" }, { status: 429 });
  await settle();
  reader.read({ body: "b" });
  assert.equal(server.asked.length, 1);
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(server.asked.map(({ body }) => body), ["a", "b"]);
});

test("a cleared pad is not asked about again", async () => {
  reader.read({ body: "a" });
  server.last.answer({ error: "busy" }, { status: 503 });
  await settle();
  reader.read(null);
  mock.timers.tick(60_000);
  await settle();
  assert.equal(server.asked.length, 1);
});

test("a server that does not answer is asked again", async () => {
  reader.read({ body: "a" });
  server.last.fail(new TypeError("Failed to fetch"));
  await settle();
  assert.deepEqual(heard, [{ error: "The server does not answer. Trying again …" }]);
  mock.timers.tick(1000);
  await settle();
  server.last.answer({ digit: 1 });
  await settle();
  assert.deepEqual(heard.at(-1), { digit: 1 });
});

test("a refusal is shown and not tried again", async () => {
  reader.read({ body: "a" });
  server.last.answer({ error: "too large" }, { status: 413 });
  await settle();
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual(heard, [{ error: "too large" }]);
  assert.equal(server.asked.length, 1);
});

test("an answer that is no JSON is told by its status", async () => {
  reader.read({ body: "a" });
  server.last.answer("<html>", { status: 500 });
  await settle();
  assert.deepEqual(heard, [{ error: "The server answers 500." }]);
});
