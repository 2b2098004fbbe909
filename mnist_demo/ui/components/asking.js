/** Questions to the server that may stay without an answer: what is shown stays until there is one. */

/**
 * Ask the server, with values as JSON if there are any; null if there is no answer.
 * @param {string} address - relative to the page
 * @param {object} [values] - of a POST; a GET without them
 * @returns {Promise<any>} its answer, which has an "error" where it says why not
 */
export function ask(address, values) {
  if (!values) return send(address, {});
  return send(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(values),
  });
}

/**
 * @param {string} address
 * @param {RequestInit} options
 * @returns {Promise<any>}
 */
export async function send(address, options) {
  try {
    const response = await fetch(address, options);
    return await response.json();
  } catch {
    return null;
  }
}
