import type { Conversation } from '../fake-anthropic/conversation.js';

interface Part {
  text?: string;
}

interface InputItem {
  type?: string;
  role?: string;
  content?: string | Part[];
  output?: string | Part[];
}

export interface ResponsesRequest {
  model?: string;
  stream?: boolean;
  instructions?: string;
  tools?: { name?: string; type?: string }[];
  input?: string | InputItem[];
}

/** What agents put between the user's prompts, in the user's name. */
const CONTEXT =
  /^\s*(<(environment_context|user_instructions|permissions|skills?|turn_aborted|INSTRUCTIONS)\b|# AGENTS\.md)/i;

const textOf = (content: string | Part[] | undefined): string =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('\n');

/** Reads the conversation out of a body of the Responses API: what the fake Messages API reads out of its own. */
export function readResponsesConversation(body: ResponsesRequest): Conversation {
  const items: InputItem[] =
    typeof body.input === 'string' ? [{ type: 'message', role: 'user', content: body.input }] : (body.input ?? []);
  let [prompt, toolResult, turn] = ['', '', 0];
  let last: Speaker = 'context';
  for (const item of items) {
    const speaker = speakerOf(item);
    if (speaker === 'context') continue;
    // One answer of the model is several items: its text and each of its calls.
    if (speaker === 'model' && last !== 'model') turn++;
    if (speaker === 'tool') toolResult = (last === 'tool' ? `${toolResult}\n` : '') + textOf(item.output);
    if (speaker === 'user') [prompt, toolResult, turn] = [textOf(item.content).trim(), '', 0];
    last = speaker;
  }
  return {
    model: body.model ?? '',
    stream: body.stream === true,
    tools: (body.tools ?? []).map((tool) => tool.name ?? tool.type ?? ''),
    prompt,
    toolResult,
    turn,
    cwd: /<cwd>(.*?)<\/cwd>/.exec(items.map((item) => textOf(item.content)).join('\n'))?.[1] ?? '',
  };
}

type Speaker = 'user' | 'model' | 'tool' | 'context';

function speakerOf(item: InputItem): Speaker {
  if (item.type?.endsWith('_output')) return 'tool';
  if (item.role === undefined || item.role === 'assistant') return 'model';
  return item.role === 'user' && !CONTEXT.test(textOf(item.content)) ? 'user' : 'context';
}
