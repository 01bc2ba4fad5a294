// Parts of a page that take the server longer than the rest: they come when the page is there.
async function fill(place) {
  place.setAttribute("aria-busy", "true");
  let html;
  try {
    const answer = await fetch(place.dataset.later, { headers: { Accept: "text/html" } });
    html = await answer.text();
    if (!answer.ok && !html.includes("data-part")) throw new Error(`the server answered ${answer.status}`);
  } catch (error) {
    place.textContent = `This part could not be loaded: ${error.message}.`;
    return;
  } finally {
    place.removeAttribute("aria-busy");
  }
  const part = new DOMParser().parseFromString(html, "text/html").body;
  // What belongs elsewhere on the page says where.
  for (const moved of part.querySelectorAll("[data-into]")) {
    const target = document.getElementById(moved.dataset.into);
    if (target) target.replaceChildren(...moved.childNodes);
    moved.remove();
  }
  place.replaceChildren(...part.childNodes);
}

for (const place of document.querySelectorAll("[data-later]")) fill(place);
