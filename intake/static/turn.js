// One browser, one turn. When a visit begins or ends in one window, or somebody leaves the desk, every
// other window empties itself and loads what belongs there now. What windows tell each other is a
// random mark, and that they are there.

const LONGEST_ANSWER_MS = 300;

const windows = new BroadcastChannel("intake");
const { turn } = document.body.dataset;

windows.addEventListener("message", ({ data }) => {
  const { turn: own, home } = document.body.dataset;
  if (data.asks) windows.postMessage({ answers: true });
  if (data.turn === undefined || own === undefined || data.turn === own) return;
  document.title = "";
  document.body.replaceChildren();
  location.replace(home);
});

if (turn !== undefined) windows.postMessage({ turn });

export function isAnotherThere() {
  const answered = new Promise((done) => windows.addEventListener("message", ({ data }) => data.answers && done(true)));
  const silent = new Promise((done) => setTimeout(done, LONGEST_ANSWER_MS, false));
  windows.postMessage({ asks: true });
  return Promise.race([answered, silent]);
}
