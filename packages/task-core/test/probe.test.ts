import { it } from '@jest/globals';
import { parseTaskSpec } from '../src/index.js';
import { digestOf } from '@signalbox/kernel';
const t = (n: string, x: unknown) => { try { const s = parseTaskSpec(x); let d='ok'; try { digestOf(s) } catch (e) { d = 'DIGEST ' + (e as Error).message } console.log(n, JSON.stringify(s).slice(0,200), d); } catch (e) { console.log(n, (e as Error).constructor.name, (e as Error).message.slice(0, 300)); } };
it('x', () => {
  let deep: unknown = 1; for (let i = 0; i < 50000; i++) deep = [deep];
  t('deep', { title: 'a', metadata: { deep } });
  t('sur', { title: 'a', metadata: { x: '\ud800' } });
  t('nul', { title: 'a', metadata: { x: '\0' } });
  t('inf', { title: 'a', metadata: { x: Infinity } });
  t('proto', JSON.parse('{"title":"a","labels":{"__proto__":"x"},"metadata":{"__proto__":{"a":1}}}'));
  t('null', null); t('arr', []); t('str', 'x');
  t('prio', { title: 'a', priority: 'hi' }); t('prio2', { title: 'a', priority: 'high' });t('prio3', { title: 'a', priority: 1.5 });
  t('run', { title: 'a', run: { argv: [], shell: 'x' } });
  for (const g of ['../a','/etc/passwd','a/../b','','**/**/**/**/**/**/*a*a*a*a*a*a*a*a*b','{'.repeat(600)+'}'.repeat(600),'{a,b}'.repeat(100),'[z-a]','!x','a\\b','./a','a//b','x'.repeat(2000)]) t('glob '+g.slice(0,20), { title: 'a', locks: [{ glob: g }] });
  for (const b of ['2026-02-30T00:00:00Z','2026-01-01T00:00Z','2026-01-01','9999-12-31T23:59:59Z','2026-01-01T00:00:00.1234567+05:30','2026-01-01T00:00:00+99:00','-271821-04-20T00:00:00Z','0000-01-01T00:00:00Z','2016-12-31T23:59:60Z']) t('nb '+b, { title: 'a', notBefore: b });
  t('type', { title: 'a', type: 'x' }); t('key', { title: 'a', foo: 1 }); t('cmd', { title: 'a', type: 'command' }); t('feat', { title: 'a', type: 'feature', run: { shell: 'x' } });
});
