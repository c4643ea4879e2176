const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL/i;

// Shorter values are found in ordinary text too.
const MIN_CHARS = 8;

/**
 * Takes the values of secrets out of a text.
 *
 * @param {Readonly<Record<string, string>>} environment
 * @returns {(text: string) => string}
 */
export function createRedactor(environment) {
  const values = Object.entries(environment)
    .filter(([name, value]) => SECRET_NAME.test(name) && value.length >= MIN_CHARS)
    .flatMap(([, value]) => [value, JSON.stringify(value).slice(1, -1)]);
  return (text) => values.reduce((clean, value) => clean.replaceAll(value, '[secret]'), text);
}
