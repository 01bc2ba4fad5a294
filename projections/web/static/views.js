// Saved views: addresses under names, in this browser alone.
const sheet = document.getElementById("views");

if (sheet) {
  const key = `views.${sheet.dataset.list}`;
  const list = sheet.querySelector("[data-views]");
  const form = sheet.querySelector("[data-save-view]");

  function saved() {
    try {
      const views = JSON.parse(localStorage.getItem(key) ?? "[]");
      return Array.isArray(views) ? views.filter((view) => typeof view?.name === "string" && String(view.address).startsWith(location.pathname)) : [];
    } catch {
      return [];
    }
  }

  function keep(views) {
    localStorage.setItem(key, JSON.stringify(views));
    show();
  }

  function show() {
    const views = saved();
    list.replaceChildren(...views.map((view) => {
      const row = document.createElement("li");
      const link = document.createElement("a");
      link.href = view.address;
      link.textContent = view.name;
      link.dir = "auto";
      const remove = document.createElement("button");
      remove.className = "quiet-button";
      remove.textContent = "×";
      remove.setAttribute("aria-label", `Delete the view ${view.name}`);
      remove.addEventListener("click", (event) => {
        event.stopPropagation(); // the row goes, and with it the reason to keep the sheet open
        keep(saved().filter((each) => each.name !== view.name));
        sheet.querySelector("summary").focus();
      });
      row.append(link, remove);
      return row;
    }));
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = form.querySelector("input");
    const name = field.value.trim();
    if (!name) return;
    const address = new URL(location.href);
    address.searchParams.delete("after"); // a view is a list, not a page of it
    const view = { name, address: address.pathname + address.search };
    keep([...saved().filter((each) => each.name !== name), view].sort((a, b) => a.name.localeCompare(b.name)));
    field.value = "";
  });

  show();
}
