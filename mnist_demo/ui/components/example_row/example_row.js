/** Example drawings to click. Gradio calls this text with `element`, `props` and `trigger`. */

const row = element.querySelector(".examples");

row.replaceChildren(
  ...props.pictures.map(({ title, picture }, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.title = title;
    button.setAttribute("aria-label", title);
    const image = document.createElement("img");
    image.src = picture;
    image.alt = "";
    button.append(image);
    button.addEventListener("click", () => {
      props.value = index;
      trigger("select");
    });
    return button;
  }),
);
