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

for (const sheet of document.querySelectorAll("details[data-remembered]")) {
  const key = `closed.${sheet.dataset.remembered}`;
  if (localStorage.getItem(key)) sheet.open = false;
  sheet.addEventListener("toggle", () => {
    if (sheet.open) localStorage.removeItem(key);
    else localStorage.setItem(key, "true");
    if (sheet.open) sheet.querySelectorAll("[data-later]").forEach(fill);
  });
}

for (const place of document.querySelectorAll("[data-later]")) {
  if (place.closest("details")?.open !== false) fill(place);
}
