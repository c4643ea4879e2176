/** Whether a pattern begins with the literal name of a file or folder: any other may stand for everything, however it is spelt. */
export function isNarrow(glob: string): boolean {
  const first = glob.split('/')[0] ?? '';
  return first !== '' && first !== '.' && first !== '..' && !/[*?[\]{}\\]/.test(first);
}
