"use strict";
// SECTIONS, from search-index.js: [page, title of the page, anchor, heading, text]. Texts go in as text, never as HTML.
{
  const MOST = 50, BEFORE = 50, AFTER = 150;
  const query = document.getElementById("page-query");
  const said = document.getElementById("page-said");
  const list = document.getElementById("page-found");
  const wordsOf = text => [...new Set(text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) || [])];
  const sections = SECTIONS.map(([page, title, anchor, heading, text]) =>
    ({ page, title, anchor, heading, text, low: text.toLowerCase(), head: `${title} ${heading}`.toLowerCase() }));

  // How well a section fits: 0 where a word is missing; a word in the heading counts ten times.
  const fit = (section, words) => words.every(word => section.head.includes(word) || section.low.includes(word))
    ? words.reduce((sum, word) => sum + (section.head.includes(word) ? 10 : 0)
      + Math.min(section.low.split(word).length - 1, 5), 0)
    : 0;

  // Some text around the first of the words, whole words at both ends, the words marked.
  function snippet(section, words) {
    const places = words.map(word => section.low.indexOf(word)).filter(place => place >= 0);
    const first = places.length ? Math.min(...places) : 0;
    const begin = first > BEFORE ? section.text.indexOf(" ", first - BEFORE) + 1 : 0;
    const end = section.text.lastIndexOf(" ", first + AFTER);
    const whole = section.text.length <= first + AFTER;
    const part = (begin ? "… " : "") + (whole ? section.text.slice(begin) : `${section.text.slice(begin, end)} …`);
    const shown = document.createElement("p");
    for (const piece of part.split(new RegExp(`(${words.join("|")})`, "giu"))) {
      const node = words.includes(piece.toLowerCase()) ? document.createElement("mark") : document.createElement("span");
      node.textContent = piece;
      shown.append(node);
    }
    return shown;
  }

  function entry(section, words) {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = `${section.page}#${encodeURIComponent(section.anchor)}`;
    link.textContent = section.heading === section.title ? section.title : `${section.title} › ${section.heading}`;
    item.append(link, snippet(section, words));
    return item;
  }

  function search() {
    const words = wordsOf(query.value);
    const found = words.length ? sections.map(section => [fit(section, words), section]).filter(([value]) => value) : [];
    found.sort((a, b) => b[0] - a[0]);
    list.replaceChildren(...found.slice(0, MOST).map(([, section]) => entry(section, words)));
    said.textContent = !words.length ? "" : !found.length ? "Nothing found. Try fewer or shorter words."
      : found.length > MOST ? `${found.length} sections, the best ${MOST} of them here.`
      : found.length === 1 ? "1 section" : `${found.length} sections`;
  }

  query.value = new URLSearchParams(location.search).get("q") || query.value;
  query.addEventListener("input", search);
  query.form.addEventListener("submit", event => { event.preventDefault(); search(); });
  window.addEventListener("pageshow", search); // also when the reader comes back, to the words that were there
  query.focus();
}
