// Tells which questions of a form Medplum's own form filler would ask, for responses one a line:
// {"form"} first, then {"name", "response"} in, {"name", "asked"} out.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

globalThis.WebSocket ??= class {}; // Medplum's client asks for one while it is loaded
const require = createRequire(`${process.argv[2]}/package.json`);
const { isQuestionEnabled } = require('@medplum/react-hooks');

function* asked(items, response) {
  for (const item of items ?? []) {
    if (!isQuestionEnabled(item, response)) continue;
    yield item.linkId;
    yield* asked(item.item, response);
  }
}

let form;
for await (const line of createInterface({ input: process.stdin })) {
  const said = JSON.parse(line);
  form ??= said.form;
  if (said.response) {
    console.log(JSON.stringify({ name: said.name, asked: [...asked(form.item, said.response)] }));
  }
}
