/** What scenarios match on, read from a Messages API request. */
export interface Conversation {
  model: string;
  stream: boolean;
  tools: string[];
  /** The last plain prompt of the user, without what the agent adds in `<system-reminder>`. */
  prompt: string;
  /** Text of the last tool results, marked `[error] ` where they are errors. */
  toolResult: string;
  /** How often the model has answered since that prompt. */
  turn: number;
  /** The agent's working directory as it told the model, or empty. */
  cwd: string;
}

interface Block {
  type: string;
  text?: string;
  content?: string | Block[];
  is_error?: boolean;
}

interface MessagesRequest {
  model?: string;
  stream?: boolean;
  system?: string | Block[];
  tools?: { name?: string }[];
  messages?: { role: string; content: string | Block[] }[];
}

const textOf = (content: string | Block[] | undefined): string =>
  typeof content === 'string'
    ? content
    : (content ?? [])
        .filter((block) => block.type === 'text')
        .map((block) => block.text ?? '')
        .join('\n');

const withoutReminders = (text: string): string =>
  text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim();

/** Reads the conversation out of a request body. */
export function readConversation(body: MessagesRequest): Conversation {
  let [prompt, toolResult, turn] = ['', '', 0];
  for (const message of body.messages ?? []) {
    if (message.role === 'assistant') turn++;
    if (message.role !== 'user') continue; // agents also put `system` messages in the middle
    const blocks = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
    const results = blocks.filter((block) => block.type === 'tool_result');
    const text = withoutReminders(textOf(blocks));
    if (results.length > 0) {
      toolResult = results.map((block) => (block.is_error ? '[error] ' : '') + textOf(block.content)).join('\n');
    } else if (text) {
      [prompt, toolResult, turn] = [text, '', 0];
    }
  }
  const everything = `${textOf(body.system)}\n${JSON.stringify(body.messages ?? []).replaceAll('\\n', '\n')}`;
  return {
    model: body.model ?? '',
    stream: body.stream === true,
    tools: (body.tools ?? []).map((tool) => tool.name ?? ''),
    prompt,
    toolResult,
    turn,
    cwd: /working directory: ?(\/[^\s"<]+)/i.exec(everything)?.[1] ?? '',
  };
}
