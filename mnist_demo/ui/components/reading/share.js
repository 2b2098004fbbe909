/**
 * Return a probability as the page writes it.
 * @param {number} probability
 */
export const share = (probability) => `${(100 * probability).toFixed(1)}%`;
