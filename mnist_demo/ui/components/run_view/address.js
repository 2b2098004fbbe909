/** The instructor's view, ?view=screen: the address of the demo with its QR code, for phones in the same network. */
export async function showAddress(aside, server) {
  if (new URLSearchParams(location.search).get("view") !== "screen") return;
  document.documentElement.classList.add("view-screen");
  aside.hidden = false;
  const page = `${location.origin}${location.pathname}`;
  const [image, text] = aside.children;
  const answer = await server.ask(`address?page=${encodeURIComponent(page)}`).catch((error) => error);
  if (answer instanceof Error) {
    image.hidden = true;
    text.textContent = answer.message;
    return;
  }
  const { url, qr } = answer;
  image.hidden = !qr;
  if (qr) image.src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
  text.textContent = url ?? "Only this machine can come here. Start with --host 0.0.0.0 to let phones in.";
}
