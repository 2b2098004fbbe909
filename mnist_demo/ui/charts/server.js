/** What this browser asks the server, and who it is: a secret of its own, and the instructor's key if it has that. */

class NoAnswer extends Error {} // the server is not there, or does not know what was asked for
class Refused extends Error {} // it says why not

class Server {
  constructor() {
    this.token = Server.ownToken();
    this.key = "";
  }

  /** Return the secret by which runs that were started here can be stopped here; it stays in this browser. */
  static ownToken() {
    try {
      let token = localStorage.getItem("run-token");
      if (!token) {
        token = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        localStorage.setItem("run-token", token);
      }
      return token;
    } catch {
      return ""; // storage is forbidden here: what this browser starts is everybody's
    }
  }

  get visitor() {
    return { token: this.token, key: this.key };
  }

  /** Return the JSON at a relative address: behind a proxy or in a Space a prefix stands before it. */
  async ask(address, options) {
    const response = await fetch(address, options).catch((error) => {
      throw new NoAnswer(error.message);
    });
    if (response.status === 403 || (options && response.status === 404)) throw new Refused((await response.json()).error);
    if (!response.ok) throw new NoAnswer(`${address}: ${response.status}`);
    return response.json();
  }

  /** Send something, with who sends it. */
  send(address, values) {
    const body = JSON.stringify({ ...values, ...this.visitor });
    return this.ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }
}
