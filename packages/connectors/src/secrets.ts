const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;

// Shorter values are found in ordinary text too.
const MIN_CHARS = 8;

/** Takes the values of secrets in `environment` out of a text: of variables named like one, and of `names`. */
export function createRedactor(
  environment: Readonly<Record<string, string>>,
  names: readonly string[] = [],
): (text: string) => string {
  const values = new Set<string>();
  for (const [name, value] of Object.entries(environment)) {
    if (value.length < MIN_CHARS || !(SECRET_NAME.test(name) || names.includes(name))) continue;
    values.add(value);
    values.add(JSON.stringify(value).slice(1, -1)); // as it stands in a line of JSON
  }
  return (text) => [...values].reduce((clean, value) => clean.replaceAll(value, '[secret]'), text);
}
