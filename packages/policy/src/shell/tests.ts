import type { TestExpression } from 'unbash';

const PLAIN_UNARY = new Set([
  '-a',
  '-b',
  '-c',
  '-d',
  '-e',
  '-f',
  '-g',
  '-h',
  '-k',
  '-n',
  '-p',
  '-r',
  '-s',
  '-u',
  '-w',
  '-x',
  '-z',
  '-L',
  '-O',
  '-G',
  '-N',
  '-S',
]);
const PLAIN_BINARY = new Set(['=', '==', '!=', '<', '>', '-nt', '-ot', '-ef']);

/** Whether a `[[ … ]]` only looks at files and compares text. `-v` and `-eq` evaluate their operands as arithmetic. */
export function isPlainTest(test: TestExpression): boolean {
  switch (test.type) {
    case 'TestUnary':
      return PLAIN_UNARY.has(test.operator);
    case 'TestBinary':
      return PLAIN_BINARY.has(test.operator);
    case 'TestLogical':
      return test.operands.every(isPlainTest);
    case 'TestNot':
      return isPlainTest(test.operand);
    case 'TestGroup':
      return isPlainTest(test.expression);
  }
}
