/** Which run, and which of its epochs, the page's address names: `?tab=train&run=ID&epoch=N`. */

const TAB = "train";

/** Return what the address asks for: "" for no run, null for no epoch. @returns {{ run: string, epoch: number | null }} */
export function readRunAddress() {
  const query = new URLSearchParams(location.search);
  const epoch = query.get("epoch");
  return { run: query.get("run") ?? "", epoch: epoch && /^\d{1,9}$/.test(epoch) ? Number(epoch) : null };
}

/** Let the address of this tab name a run, "" for none, and an epoch. @param {string} run @param {number | null} epoch */
export function writeRunAddress(run, epoch) {
  const address = new URL(location.href);
  const { searchParams: query } = address;
  if (query.get("tab") !== TAB) return;
  if (run) query.set("run", run);
  else query.delete("run");
  if (run && epoch !== null) query.set("epoch", String(epoch));
  else query.delete("epoch");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
}
