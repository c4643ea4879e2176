import type { Conversation } from './conversation.js';
import { type FakeFault, type FakeTurn, fillTemplates, type Scenario } from './scenario.js';

export interface ChosenTurn {
  turn: FakeTurn;
  fault: FakeFault | null;
}

/** Chooses answers by a scenario, counting how often each fault was used. */
export function createTurnChooser(scenario: Scenario): (conversation: Conversation) => ChosenTurn {
  const used = new Map<number, number>();
  const chooseFault = ({ prompt, turn }: Conversation): FakeFault | null => {
    for (const [index, rule] of (scenario.faults ?? []).entries()) {
      if (rule.prompt !== undefined && !pattern(rule.prompt).test(prompt)) continue;
      if (rule.turn !== undefined && rule.turn !== turn) continue;
      const count = used.get(index) ?? 0;
      if (count >= (rule.times ?? 1)) continue;
      used.set(index, count + 1);
      return rule.fault;
    }
    return null;
  };
  return (conversation) => ({ turn: chooseTurn(scenario, conversation), fault: chooseFault(conversation) });
}

const pattern = (source: string): RegExp => new RegExp(source, 'is');

function chooseTurn(scenario: Scenario, conversation: Conversation): FakeTurn {
  const { prompt, turn, cwd, toolResult } = conversation;
  const variables: Record<string, string> = { cwd, toolResult };
  const directive = /<fake-model>([\s\S]*?)<\/fake-model>/.exec(prompt)?.[1];
  let turns: FakeTurn[] = [];
  if (directive !== undefined) {
    turns = readDirective(directive);
  } else {
    for (const script of scenario.scripts ?? []) {
      const match = pattern(script.prompt).exec(prompt);
      if (!match) continue;
      for (const [index, group] of match.entries()) variables[String(index)] = group ?? '';
      turns = script.turns;
      break;
    }
  }
  return fillTemplates(turns[turn] ?? scenario.fallback ?? { text: 'ok' }, variables);
}

function readDirective(text: string): FakeTurn[] {
  try {
    return JSON.parse(text) as FakeTurn[];
  } catch (error) {
    return [{ text: `The directive in the prompt is not JSON: ${String(error)}` }];
  }
}
