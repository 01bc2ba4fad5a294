// The slider through time: what holds at an instant is read from the page of that instant.
const slider = document.getElementById("slider");

if (slider) {
  const line = document.getElementById("asof-line");
  const begins = Number(slider.min);
  const ends = Number(slider.max);
  let shown = slider.value;
  let isReading = false;

  // On the wall clock of the report, as everything beside it; of a zone that the browser does not know, in UTC.
  function words(moment) {
    try {
      return `${moment.toLocaleString("sv", { timeZone: slider.dataset.zone, dateStyle: "short", timeStyle: "short" })} ${slider.dataset.zoneTitle}`;
    } catch {
      return `${moment.toISOString().slice(0, 16).replace("T", " ")} UTC`;
    }
  }

  function draw() {
    const x = ((slider.value - begins) / (ends - begins)) * 1000;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    slider.setAttribute("aria-valuetext", words(new Date(slider.value * 1000)));
  }

  function addressAt(seconds) {
    const address = new URL(slider.dataset.path, location.href);
    address.searchParams.set("as_of", new Date(seconds * 1000).toISOString().replace(".000Z", "Z"));
    return address;
  }

  async function show(value) {
    const address = addressAt(value);
    const answer = await fetch(address);
    if (!answer.ok) return location.assign(address);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-at-instant], .asof, .moments")) {
      const same = part.id ? page.getElementById(part.id) : page.querySelector(`.${part.className}`);
      if (same) part.replaceWith(same);
    }
    shown = value;
    history.replaceState(null, "", address);
  }

  // One page at a time, and at last the one where the slider came to rest: a drag asks for hundreds.
  async function read() {
    if (isReading) return;
    isReading = true;
    try {
      while (slider.value !== shown) await show(slider.value);
    } catch {
      // The service cannot be reached: the slider stands where the rest of the page does.
      slider.value = shown;
      draw();
    } finally {
      isReading = false;
    }
  }

  slider.addEventListener("input", () => {
    draw();
    read();
  });
  draw();
}
