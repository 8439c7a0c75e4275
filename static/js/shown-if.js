// [data-shown-if]: a part of a form that is shown only while the field of that name, itself shown, holds the answer
// data-shown-with. Without JavaScript all parts are shown, each with its condition in words.

export function start(part) {
  const form = part.closest("form");
  const { shownIf, shownWith } = part.dataset;

  function look() {
    part.hidden = ![...form.elements].some((one) => (
      one.name === shownIf && one.value === shownWith && one.checked !== false && !one.closest("[data-shown-if][hidden]")
    ));
  }

  form.addEventListener("input", look);
  look();
}
