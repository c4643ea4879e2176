import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { checkPolicy, initialPolicyYaml } from '../../src/index.js';
import { policyJsonSchema } from '../../src/json-schema/index.js';
import { layer } from '../support.js';

const schema = policyJsonSchema();
const validate = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true }).compile(
  schema,
);

const head = 'version: 1\nscope: project\n';
const rule = (rest: string): string => `${head}rules:\n  - { id: a, effect: ask, on: [shell.run], ${rest} }\n`;

const GOOD: Readonly<Record<string, string>> = {
  'the initial policy': initialPolicyYaml({ name: 'demo', testCommands: [['npm', 'test']] }),
  'nothing but a head': head,
  'a default': `${head}default: deny`,
  'every setting': `${head}settings:
  sandbox: { value: read-only, locked: true }
  approval_wait: { value: 90s, cap: min }
  max_concurrent: { value: 2 }`,
  'a command with alternatives': rule('command: { argv: [git, [push, pull], "..."] }'),
  'a group of actions': `${head}rules: [ { id: a, effect: deny, on: ["task.*", net.fetch] } ]`,
  'every obligation of a command': rule(`obligations: [
    { sandbox: workspace-write }, { evidence: test-report }, { approval: "user:ana" }, { approval: user },
    { reviewer: not-author } ]`),
  'a budget': `${head}rules: [ { id: a, effect: ask, on: [task.execute], obligations: [ { budget: 0.50 USD }, { budget: 100000 tokens } ] } ]`,
  'conditions and an expiry': rule(`when: 'subject.kind == "ai"', unless: 'context.ci', expires: 2027-01-01`),
  'an expiry to the minute': rule('expires: "2027-01-01T12:00Z"'),
  'an exception': `${rule('overridable_by: [project]')}exceptions: [ { rule: project/a, effect: allow, by: "user:ana" } ]`,
  'a test': `${head}tests: [ { request: { on: shell.run, command: ls, locks: [a], labels: { k: v } }, expect: ask } ]`,
};

const BAD: Readonly<Record<string, string>> = {
  'another version': 'version: 2\nscope: project',
  'an unknown key': `${head}rule: []`,
  'an unknown action': `${head}rules: [ { id: a, effect: ask, on: [shell.ran] } ]`,
  'an unknown effect': `${head}rules: [ { id: a, effect: block, on: [shell.run] } ]`,
  'an id with a space': `${head}rules: [ { id: "a b", effect: ask, on: [shell.run] } ]`,
  'a number as a word': rule('command: { argv: [npm, 3] }'),
  'a command for files': `${head}rules: [ { id: a, effect: ask, on: [file.read], command: { argv: [ls] } } ]`,
  'an unknown obligation': rule('obligations: [ { lunch: free } ]'),
  'two obligations in one': rule('obligations: [ { sandbox: none, evidence: x } ]'),
  'no budget at all': rule('obligations: [ { budget: "0 USD" } ]'),
  'an obligation of a deny': `${head}rules: [ { id: a, effect: deny, on: [shell.run], obligations: [ { sandbox: none } ] } ]`,
  'an unknown setting': `${head}settings: { sandboxes: { value: none } }`,
  'a setting of another kind': `${head}settings: { max_concurrent: { value: many } }`,
  'an expiry in words': rule('expires: tomorrow'),
  'an exception to no full id': `${head}exceptions: [ { rule: a, effect: allow } ]`,
};

const loads = (text: string): boolean => checkPolicy(layer(text)).length === 0;
const accepts = (text: string): boolean => validate(JSON.parse(JSON.stringify(parse(text, { schema: 'core' }))));

describe('the JSON Schema of policy files', () => {
  for (const [what, text] of Object.entries(GOOD)) {
    it(`accepts ${what}, as the loader does`, () => {
      expect([checkPolicy(layer(text)), accepts(text), validate.errors]).toEqual([[], true, null]);
    });
  }

  for (const [what, text] of Object.entries(BAD)) {
    it(`refuses ${what}, as the loader does`, () => {
      expect([loads(text), accepts(text)]).toEqual([false, false]);
    });
  }

  it('knows the settings that the loader knows', () => {
    const [problem] = checkPolicy(layer(`${head}settings: { zzzzzzzz: { value: 1 } }`));
    const known = /Known: (.*)\./.exec(problem?.message ?? '')?.[1]?.split(', ');
    const { settings } = schema['properties'] as { settings: { properties: JsonObject } };
    expect(Object.keys(settings.properties).sort()).toEqual(known?.sort());
  });

  it('tells an editor what every key of a rule is for', () => {
    const { rules } = schema['properties'] as { rules: { items: { properties: Record<string, JsonObject> } } };
    const silent = Object.entries(rules.items.properties).filter(([, part]) => typeof part['description'] !== 'string');
    expect(silent).toEqual([]);
    expect(schema).toMatchObject({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Signalbox policy',
    });
  });
});
