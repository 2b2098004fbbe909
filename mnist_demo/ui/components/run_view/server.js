/** What this browser asks the server, and who it is: a secret of its own, and the instructor's key if it has that. */

/** The server is not there, in trouble, or does not make sense. */
export class NoAnswer extends Error {
  retryAfter = 0; // s for which the server wants to be left alone
}

/** The server says why not. */
export class Refused extends Error {
  retryAfter = 0;
}

/** @param {unknown} error @returns {error is NoAnswer | Refused} whether it is one to tell, and not a fault of the page */
export const isTellable = (error) => error instanceof NoAnswer || error instanceof Refused;

export class Server {
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

  /**
   * Return the JSON at a relative address: behind a proxy or in a Space a prefix stands before it.
   * @param {string} address
   * @param {RequestInit} [options]
   * @returns {Promise<any>}
   */
  async ask(address, options) {
    const response = await fetch(address, options).catch(() => null);
    if (!response) throw new NoAnswer("The server does not answer.");
    const answer = await response.json().catch(() => null); // a proxy may answer with a page
    if (response.ok && answer) return answer;
    const isRefusal = response.status < 500 && typeof answer?.error === "string";
    const text = response.ok ? "The server's answer makes no sense." : `The server is in trouble (${response.status}).`;
    const error = isRefusal ? new Refused(answer.error) : new NoAnswer(text);
    error.retryAfter = Number(response.headers.get("Retry-After")) || 0;
    throw error;
  }

  /**
   * Send something, with who sends it.
   * @param {string} address
   * @param {object} values which may name another key
   */
  send(address, values) {
    const body = JSON.stringify({ ...this.visitor, ...values });
    return this.ask(address, { method: "POST", headers: { "Content-Type": "application/json" }, body });
  }
}
