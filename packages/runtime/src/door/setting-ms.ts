import { durationMs, effectiveSettings, type Policy } from '@signalbox/policy';

/** A setting that is a duration, in milliseconds; `fallback` where no layer sets it. */
export function settingMs(policy: Policy, name: string, fallback: number): number {
  const setting = effectiveSettings(policy)[name];
  return (setting && durationMs(setting.value)) ?? fallback;
}
