"use strict";
// Who comes from the search begins at the first place that was found, in a fold too.
window.addEventListener("load", () => setTimeout(() => {
  const found = document.querySelector("article .highlighted");
  if (!found || location.hash) return;
  for (let fold = found.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  found.scrollIntoView({ block: "center" });
}, 50));

// Sphinx looks for pages that have every word. A question or a sentence finds the sections that say
// most of it, those first that say it word for word.
const MOST = 8, AROUND = 90, PHRASE = 100, LESSON = 1.5;

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{Letter}\p{Number}_]+/gu) || [];
}

function placesFor(query, texts) {
  const stemmer = new Stemmer(), known = new Map();
  const stem = (word) => {
    if (!known.has(word)) known.set(word, stemmer.stemWord(word));
    return known.get(word);
  };
  const asked = wordsOf(query), phrase = ` ${asked.join(" ")} `;
  const isSaidIn = (text) => ` ${wordsOf(text).join(" ")} `.includes(phrase);
  const wanted = new Set(asked.filter((word) => !stopwords.has(word)).map(stem));
  const places = texts.map(([uri, title, text]) => {
    const words = wordsOf(text), named = new Set(wordsOf(title).map(stem));
    const stems = new Set([...words.map(stem), ...named]);
    const found = [...wanted].filter((one) => stems.has(one));
    return { uri, title, text, named, found, says: isSaidIn(text) || isSaidIn(title) };
  });
  const rarity = new Map([...wanted].map((one) => [one,
    Math.log(1 + places.length / (1 + places.filter((place) => place.found.includes(one)).length))]));
  for (const place of places) {
    const worth = (one) => rarity.get(one) * (place.named.has(one) ? 2 : 1);
    place.score = place.found.reduce((sum, one) => sum + worth(one), 0);
    if (place.uri.startsWith("notebooks/")) place.score *= LESSON;
    if (place.says) place.score += PHRASE;
  }
  places.sort((one, other) => other.score - one.score);
  const best = places[0].score;
  return places.slice(0, MOST).filter((place) => place.score && place.score >= best / 2)
    .map((place) => ({ ...place, stem, wanted }));
}

function showPlace(place) {
  const item = document.createElement("li"), link = document.createElement("a");
  link.href = place.uri;
  link.textContent = place.title;
  const excerpt = document.createElement("div");
  const isHit = (word) => place.wanted.has(place.stem(word.toLowerCase()));
  const parts = place.text.split(/([\p{Letter}\p{Number}_]+)/u);
  const first = parts.slice(0, Math.max(0, parts.findIndex(isHit))).join("").length;
  const begin = Math.max(0, place.text.lastIndexOf(" ", first - AROUND / 3));
  const shown = place.text.slice(begin, begin + 3 * AROUND);
  excerpt.append(begin ? "…" : "");
  for (const part of shown.split(/([\p{Letter}\p{Number}_]+)/u)) {
    const piece = isHit(part) ? document.createElement("mark") : document.createTextNode(part);
    if (isHit(part)) piece.textContent = part;
    excerpt.append(piece);
  }
  excerpt.append(begin + shown.length < place.text.length ? "…" : "");
  item.append(link, excerpt);
  return item;
}

window.addEventListener("DOMContentLoaded", () => {
  const results = document.getElementById("search-results");
  const query = new URLSearchParams(location.search).get("q") || "";
  if (!results || wordsOf(query).length < 2) return;
  const script = document.createElement("script");
  script.src = `${document.documentElement.dataset.content_root}_static/texts.js`;
  script.onload = () => {
    const places = placesFor(query, COURSE_TEXTS), list = document.createElement("ul");
    if (!places.length) return;
    list.id = "places";
    list.append(...places.map(showPlace));
    const heading = document.createElement("h2");
    heading.textContent = "Places that say this";
    results.before(heading, list);
  };
  document.body.append(script);
});
