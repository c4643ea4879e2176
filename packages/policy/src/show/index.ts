export { showPolicy } from './show-policy.js';
export type {
  OverruledSetting,
  ShownDefault,
  ShownException,
  ShownLayer,
  ShownPolicy,
  ShownRule,
  ShownSetting,
} from './shown-policy.js';
