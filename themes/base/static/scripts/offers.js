// Offers tell when they are really seen, followed or sent away. A page without this file shows them.
"use strict";
(() => {
  const SEEN_MS = 1000;
  const GATHER_MS = 300;

  function tell(path, fields) {
    const body = new URLSearchParams(fields);
    body.set("csrf_token", document.querySelector("input[name=csrf_token]").value);
    // It outlives the page: what is followed leads away from here.
    return fetch(`/recommendations/${path}`, { method: "POST", body, keepalive: true, headers: { accept: "application/json" } });
  }

  // Seen is what stood half in view for a second, in a tab that somebody looks at.
  const timers = new Map();
  const known = new WeakSet();
  const unseen = new Set();
  const gathered = [];
  let sending = 0;
  function send() {
    clearTimeout(sending);
    sending = 0;
    while (gathered.length) tell("seen", gathered.splice(0, 50).map((id, n) => [`id-${n}`, id])).catch(() => {});
  }
  function saw(card) {
    timers.delete(card);
    if (document.hidden) return;
    eye.unobserve(card);
    unseen.delete(card);
    gathered.push(card.dataset.offer);
    sending ||= setTimeout(send, GATHER_MS);
  }
  const eye = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      clearTimeout(timers.get(target));
      timers.delete(target);
      if (isIntersecting) timers.set(target, setTimeout(saw, SEEN_MS, target));
    }
  }, { threshold: 0.5 });
  function watch() {
    for (const card of document.querySelectorAll("[data-offer]")) {
      if (known.has(card)) continue;
      known.add(card);
      unseen.add(card);
      eye.observe(card);
    }
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) send();
    // What is in view already begins its second anew.
    else for (const card of unseen) { eye.unobserve(card); eye.observe(card); }
  });
  addEventListener("pagehide", send);

  function followed(event) {
    const link = event.target.closest?.("a[data-follow]");
    if (link && event.button < 2) tell("followed", { id: link.closest("[data-offer]").dataset.offer }).catch(() => {});
  }
  document.addEventListener("click", followed);
  document.addEventListener("auxclick", followed);

  function turn(card, gone) {
    card.querySelector(".offer-body").hidden = gone;
    const place = card.querySelector(".offer-gone");
    place.hidden = !gone;
    (gone ? place.querySelector("[data-undo]") : card.querySelector(".offer-dismiss button")).focus();
  }
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest(".offer-dismiss");
    if (!form) return;
    event.preventDefault();
    event.stopPropagation();
    const card = form.closest("[data-offer]");
    const answer = await tell("dismiss", { id: card.dataset.offer }).catch(() => null);
    if (answer?.ok) turn(card, true);
  }, true);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-undo]");
    if (!button) return;
    const card = button.closest("[data-offer]");
    const answer = await tell("undo", { id: card.dataset.offer }).catch(() => null);
    if (!answer?.ok) return;
    card.dataset.offer = card.querySelector(".offer-dismiss [name=id]").value = (await answer.json()).id;
    turn(card, false);
  });

  document.addEventListener("htmx:after:swap", watch);
  watch();
})();
