import { type Digest, sha256 } from '@signalbox/kernel';
import { type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import type { RecordsEnv } from './sqlite.js';
import type { PolicyTexts } from './store.js';

export function sqliteTexts(db: SqlDatabase, { journal }: Pick<RecordsEnv, 'journal'>): PolicyTexts {
  const known = new Set<string>();
  // Prepared when they are first needed: most commands open the store and never ask.
  const insert = () => db.prepare('INSERT OR IGNORE INTO policy_text (digest, text) VALUES (?, ?)');
  return {
    keep(layers, record) {
      const fresh = layers.flatMap(({ digest, text, ...layer }) =>
        digest !== null && text !== null && !known.has(digest) ? [{ ...layer, digest, text }] : [],
      );
      if (fresh.length === 0) return;
      transact(db, () => {
        for (const { text, ...layer } of fresh) {
          const isNew = Number(insert().run(layer.digest, text).changes) === 1;
          if (isNew) journal.append(record(layer), db);
        }
      });
      for (const { digest } of fresh) known.add(digest);
    },
    get(digest) {
      const row = db.prepare('SELECT text FROM policy_text WHERE digest = ?').get(digest);
      const text = row ? String(row['text']) : null;
      return text !== null && sha256(text) === (digest as Digest) ? text : null;
    },
  };
}
