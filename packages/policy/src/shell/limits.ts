// Beyond these a line is not judged in detail: it asks. They keep the worst line under 50 ms, and no line that a person would
// read, nor a source file of 64 KiB in a quoted here-document, comes near them. The parser's own time grows with the square
// of nested substitutions and of here-documents on one line.

/** Characters of a line. */
export const MAX_LINE_LENGTH = 64 * 1024;
/** Characters of all the scripts together that a line hands to `sh -c`, `eval` and the like. */
export const MAX_SOURCES_LENGTH = 2 * MAX_LINE_LENGTH;
/** Characters that mean something to a shell. */
export const MAX_SYNTAX_CHARACTERS = 10_000;
/** Runs of characters between blanks, in the source. */
export const MAX_RUNS = 10_000;
/** Characters of an arithmetic expression, which asks in any case. */
export const MAX_ARITHMETIC_LENGTH = 2_000;
/** Pieces of a word: quoted strings, expansions, wildcards. */
export const MAX_PIECES = 1_000;
/** `;`, `&` and `|`. */
export const MAX_SEPARATORS = 3_000;
/** `$` and backquotes. */
export const MAX_EXPANSIONS = 1_500;
/** `<<` */
export const MAX_HERE_DOCUMENTS = 500;
/** Nodes of all syntax trees. */
export const MAX_NODES = 10_000;
/** Levels of the syntax tree. */
export const MAX_LEVELS = 200;
/** Scripts inside one another, substitutions among them; each level is parsed anew. */
export const MAX_SCRIPTS = 10;
/** Programs and scripts that start one another. */
export const MAX_WRAPPERS = 10;
export const MAX_COMMANDS = 200;
export const MAX_REDIRECTS = 200;
export const MAX_WORDS = 1_000;
/** Folders in which a command may find itself after `cd`. */
export const MAX_FOLDERS = 4;
/** Reasons that are told one by one. */
export const MAX_DOUBTS = 20;
