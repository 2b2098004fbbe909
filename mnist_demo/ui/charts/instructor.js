/** What the instructor sees: a field for the key, and with the right one what visitors may ask for. */
class Instructor {
  static STORED = "instructor-key";

  /**
   * @param {HTMLElement} details
   * @param {Server} server
   * @param {{changed: () => void, say: (text: string) => void}} listeners changed(): the key is another
   */
  constructor(details, server, { changed, say }) {
    this.details = details;
    this.keyForm = details.querySelector(".key");
    this.limitsForm = details.querySelector(".limits");
    server.key = sessionStorage.getItem(Instructor.STORED) ?? "";
    this.keyForm.addEventListener("submit", (event) => {
      event.preventDefault();
      server.key = this.keyForm.querySelector("input").value;
      sessionStorage.setItem(Instructor.STORED, server.key); // for a reload of this tab
      changed();
    });
    this.limitsForm.addEventListener("submit", async (event) => {
      event.preventDefault();
      const limits = Object.fromEntries([...new FormData(this.limitsForm)].map(([name, value]) => [name, Number(value)]));
      try {
        await server.send("limits", { limits });
        say("The limits hold from now on.");
      } catch (error) {
        say(error.message);
      }
    });
  }

  /** Show what the server says of the room: whether there is an instructor, whether this is the one, the limits. */
  show({ has_instructor, instructor, limits }) {
    this.details.hidden = !has_instructor;
    this.keyForm.hidden = instructor;
    if (instructor && this.limitsForm.hidden) {
      for (const [name, value] of Object.entries(limits)) this.limitsForm.elements[name].value = value;
    }
    this.limitsForm.hidden = !instructor;
  }
}
