// Parts of a page that take the server longer than the rest: they come when the page is there, and only where
// the sheet in which they stand is open.
async function fill(place) {
  if (place.dataset.asked) return;
  place.dataset.asked = "true";
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(place.dataset.later);
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) throw new Error(part.querySelector("main p")?.textContent ?? `the server answered ${answer.status}`);
    // What belongs elsewhere on the page says where.
    for (const moved of part.querySelectorAll("[data-into]")) {
      document.getElementById(moved.dataset.into)?.replaceChildren(...moved.childNodes);
      moved.remove();
    }
    place.replaceChildren(...part.body.childNodes);
  } catch (error) {
    place.textContent = `This part could not be loaded: ${error.message}`;
  } finally {
    place.removeAttribute("aria-busy");
  }
}

// On a phone the table comes first, until one opens what is above it.
const startsClosed = matchMedia("(max-width: 640px)").matches;

for (const sheet of document.querySelectorAll("details[data-remembered]")) {
  const key = `sheet.${sheet.dataset.remembered}`;
  sheet.open = (localStorage.getItem(key) ?? (startsClosed ? "closed" : "open")) === "open";
  sheet.querySelector("summary").addEventListener("click", () => {
    localStorage.setItem(key, sheet.open ? "closed" : "open"); // it is about to change
  });
  sheet.addEventListener("toggle", () => {
    if (sheet.open) sheet.querySelectorAll("[data-later]").forEach(fill);
  });
}

for (const place of document.querySelectorAll("[data-later]")) {
  // The bars count the rows too, where they are to be seen.
  const instead = document.getElementById(place.dataset.insteadOf ?? "");
  if (!instead?.open && place.closest("details")?.open !== false) fill(place);
}
