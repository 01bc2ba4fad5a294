// Sheets below a button close by Escape and by a click elsewhere; one is open at a time.
const sheets = document.querySelectorAll("details.panel");

function closeAllBut(kept) {
  for (const sheet of sheets) if (sheet !== kept) sheet.open = false;
}

document.addEventListener("click", (event) => closeAllBut(event.target.closest("details.panel")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const sheet of sheets) {
    if (!sheet.open) continue;
    sheet.open = false;
    sheet.querySelector("summary").focus();
  }
});

for (const field of document.querySelectorAll("[data-submits]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

// Checkboxes of the rows: all of a page at once.
const all = document.querySelector("[data-pick-all]");
if (all) {
  const rows = [...document.querySelectorAll('[name="serial"][form="selection"]')];
  all.addEventListener("change", () => rows.forEach((row) => { row.checked = all.checked; }));
  for (const row of rows) {
    row.addEventListener("change", () => {
      const picked = rows.filter((each) => each.checked).length;
      all.checked = picked === rows.length;
      all.indeterminate = picked > 0 && picked < rows.length;
    });
  }
}
