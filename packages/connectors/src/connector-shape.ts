const ID = /^[a-z][a-z0-9-]*$/;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]*\*?$/;
const CAPABILITIES = ['approvals', 'resume', 'usage', 'prompts'] as const;
const TOLD = ['usd', 'tokens', 'turns'] as const;

/**
 * All problems of a value that claims to be a connector, each as one sentence; empty when it has the shape of version 1 of
 * the contract. Looks only: nothing of it is called, and the schema library is not loaded.
 */
export function checkConnectorShape(value: unknown): string[] {
  if (!isRecord(value)) return ['It is no connector: the value is not an object.'];
  const { apiVersion } = value;
  if (apiVersion !== 1) {
    return [`It speaks version ${describeValue(apiVersion)} of the contract ("apiVersion"), and this is version 1.`];
  }
  return [
    ...checkText(value, 'id', ID, 'lower-case letters, digits and "-", beginning with a letter'),
    ...checkText(value, 'kind', /^(cli|protocol)$/, '"cli" or "protocol"'),
    ...checkText(value, 'summary', /^\S.{0,199}$/, 'one line of at most 200 characters'),
    ...checkSchema(value['configSchema']),
    ...checkCapabilities(value['capabilities']),
    ...checkTells(value['tells']),
    ...checkEnvironmentNames(value['environmentNames']),
    ...(value['folders'] === undefined || typeof value['folders'] === 'function'
      ? []
      : ['"folders" must be a function, if it is there.']),
    ...['probe', 'run']
      .filter((name) => typeof value[name] !== 'function')
      .map((name) => `"${name}" must be a function.`),
  ];
}

function checkText(value: Record<string, unknown>, name: string, pattern: RegExp, wanted: string): string[] {
  const text = value[name];
  return typeof text === 'string' && pattern.test(text) ? [] : [`"${name}" must be ${wanted}.`];
}

function checkSchema(schema: unknown): string[] {
  return isRecord(schema) && schema['type'] === 'object'
    ? []
    : ['"configSchema" must be a JSON Schema with the type "object".'];
}

function checkCapabilities(capabilities: unknown): string[] {
  if (!isRecord(capabilities)) return ['"capabilities" must be an object.'];
  return CAPABILITIES.filter((name) => typeof capabilities[name] !== 'boolean').map(
    (name) => `"capabilities.${name}" must be true or false.`,
  );
}

function checkTells(tells: unknown): string[] {
  if (tells === undefined) return [];
  if (!isRecord(tells)) return ['"tells" must be an object, if it is there.'];
  return TOLD.filter((name) => !/^(live|end|never)$/.test(String(tells[name]))).map(
    (name) => `"tells.${name}" must be "live", "end" or "never".`,
  );
}

function checkEnvironmentNames(names: unknown): string[] {
  if (!Array.isArray(names)) return ['"environmentNames" must be a list.'];
  return names
    .filter((name) => typeof name !== 'string' || !ENVIRONMENT_NAME.test(name))
    .map(
      (name) =>
        `"environmentNames" has ${describeValue(name)}, which is no name of a variable: letters, digits and "_", and at most a "*" at the end.`,
    );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describeValue(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? JSON.stringify(value) : typeof value;
}
