// The slider through time: what holds at an instant is read from the page of that instant.
const slider = document.getElementById("slider");

if (slider) {
  const line = document.getElementById("asof-line");
  const begins = Number(slider.min);
  const ends = Number(slider.max);
  let newest = 0;

  function draw() {
    const x = ((slider.value - begins) / (ends - begins)) * 1000;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    slider.setAttribute("aria-valuetext", new Date(slider.value * 1000).toISOString().slice(0, 16).replace("T", " ") + " UTC");
  }

  async function read() {
    const asked = ++newest;
    const address = new URL(slider.dataset.path, location.href);
    address.searchParams.set("as_of", new Date(slider.value * 1000).toISOString().replace(".000Z", "Z"));
    const answer = await fetch(address);
    if (asked !== newest) return; // the slider has moved on
    if (!answer.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-at-instant], .asof, .moments")) {
      const same = part.id ? page.getElementById(part.id) : page.querySelector(`.${part.className}`);
      if (same) part.replaceWith(same);
    }
    history.replaceState(null, "", address);
  }

  slider.addEventListener("input", () => {
    draw();
    read();
  });
  draw();
}
