// Show/Hide Columns: the rows of the sheet can be dragged, and moved without a way to the server and back.
const form = document.getElementById("column-form");

if (form) {
  const rows = form.querySelector(".column-rows");
  let dragged = null;

  for (const row of rows.children) row.draggable = true;

  rows.addEventListener("dragstart", (event) => {
    dragged = event.target.closest(".column-row");
    dragged?.classList.add("dragged");
    event.dataTransfer.effectAllowed = "move";
  });
  rows.addEventListener("dragover", (event) => {
    const over = event.target.closest(".column-row");
    if (!dragged || !over) return;
    event.preventDefault();
    clearMark();
    if (over !== dragged) over.classList.add("drop-before");
  });
  rows.addEventListener("drop", (event) => {
    const over = event.target.closest(".column-row");
    if (!dragged || !over || over === dragged) return;
    event.preventDefault();
    over.before(dragged);
  });
  rows.addEventListener("dragend", () => {
    clearMark();
    dragged?.classList.remove("dragged");
    dragged = null;
  });

  form.addEventListener("click", (event) => {
    const button = event.target.closest('[name="c.move"]');
    if (!button) return;
    event.preventDefault();
    const row = button.closest(".column-row");
    if (button.value.startsWith("up:")) row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    button.focus();
  });

  function clearMark() {
    rows.querySelector(".drop-before")?.classList.remove("drop-before");
  }
}
