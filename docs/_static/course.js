"use strict";
// Who comes from the search begins at the first place that was found, in a fold too.
window.addEventListener("load", () => setTimeout(() => {
  const found = document.querySelector("article .highlighted");
  if (!found || location.hash) return;
  for (let fold = found.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  found.scrollIntoView({ block: "center" });
}, 50));
