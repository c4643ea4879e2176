const HEADINGS = ['figure', 'value', 'range', 'measured', 'baseline', 'bound', ''];

/** The figures of a suite as a table for a person. */
export function formatSuite(title, figures) {
  const rows = [HEADINGS, ...figures.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd(),
  );
  return `\n${title}\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

function rowOf({ name, value, unit, baseline, bound, ok, better, subject, measuredIn, range }) {
  const isCompared = baseline !== null;
  return [
    name,
    `${number(value)} ${unit}`,
    range.map(number).join('–'),
    isCompared ? `${number(subject)} ${measuredIn}` : '',
    isCompared ? `${number(baseline)} ${measuredIn}` : '',
    bound === null ? '' : `${better === 'lower' ? '≤' : '≥'} ${number(bound)} ${unit}`,
    ok === null ? '' : ok ? 'met' : 'not met',
  ];
}

function number(value) {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
}
