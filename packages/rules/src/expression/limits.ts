/** UTF-16 units of one expression. */
export const MAX_EXPRESSION_LENGTH = 8192;

/** How deep parentheses, lists and `has()` may nest. */
export const MAX_DEPTH = 100;

/** Values and attributes of one expression. */
export const MAX_OPERANDS = 1000;

/** Values of one list after `in`. */
export const MAX_LIST_ITEMS = 500;

/** Problems listed for one expression; the search for more stops there. */
export const MAX_PROBLEMS = 50;
