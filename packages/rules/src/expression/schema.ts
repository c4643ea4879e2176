import { suggestName } from '../suggest.js';

/**
 * The type of one attribute. `path` is a string with `/`; `set` a list of strings; `map` strings by name, where
 * `"x" in m` asks for a name and `m.x` is the value.
 */
export type AttributeType = 'bool' | 'int' | 'string' | 'path' | 'set' | 'map' | { readonly enum: readonly string[] };

/** The attributes an expression may use, by dotted name: `{ 'resource.path': 'path' }`. */
export type AttributeSchema = Readonly<Record<string, AttributeType>>;

/** The type of a dotted name, members of a declared map included; `null` if it is not declared. */
export function typeOfAttribute(schema: AttributeSchema, name: string): AttributeType | null {
  if (Object.hasOwn(schema, name)) return schema[name] as AttributeType;
  const owner = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  return Object.hasOwn(schema, owner) && schema[owner] === 'map' ? 'string' : null;
}

/** One sentence saying that a name is not declared, and which was probably meant. */
export function unknownAttribute(schema: AttributeSchema, name: string): string {
  const names = Object.keys(schema);
  const members = names.filter((each) => each.startsWith(`${name}.`));
  if (members.length > 0) return `"${name}" is not an attribute by itself; its members are ${members.join(', ')}.`;
  const near = suggestName(name, names);
  return `There is no attribute "${name}".${near ? ` Did you mean "${near}"?` : ''}`;
}

export function describeType(type: AttributeType): string {
  if (typeof type === 'object') return `one of ${type.enum.map((each) => JSON.stringify(each)).join(', ')}`;
  return { bool: 'true or false', int: 'a number', string: 'text', path: 'a path', set: 'a set', map: 'a map' }[type];
}
