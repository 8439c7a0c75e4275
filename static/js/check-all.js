// A box in the table head that ticks the boxes of the page: input[data-check-all="name of the boxes"].

export function start(all) {
  const scope = all.closest("form, table");
  const boxes = () => [...scope.querySelectorAll(`input[type="checkbox"][name="${all.dataset.checkAll}"]`)];
  const show = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
    document.querySelectorAll("[data-checked-count]").forEach((node) => { node.textContent = ticked; });
  };
  all.addEventListener("change", () => {
    boxes().forEach((box) => { box.checked = all.checked; });
    show();
  });
  scope.addEventListener("change", (event) => { if (event.target !== all) show(); });
  all.hidden = false;
  show();
}
