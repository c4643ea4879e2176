export interface VariableScope {
  /** `workspace.env` of the configuration. */
  env: Readonly<Record<string, string>>;
  ports: readonly number[];
  task: string;
  /** The folder that the program works in. */
  workspace: string;
}

/**
 * What a program of an attempt (the agent, a set-up line, a check) finds in its environment beside the usual: its task, its ports and
 * the project's own variables. One that speaks of a port is left out where the attempt has none.
 */
export function workspaceVariables({ env, ports, task, workspace }: VariableScope): Record<string, string> {
  const [first] = ports;
  const found: Record<string, string> = { SIGNALBOX_TASK: task };
  if (first !== undefined) Object.assign(found, { PORT: String(first), SIGNALBOX_PORT: String(first) });
  ports.forEach((port, index) => {
    found[`SIGNALBOX_PORT_${index + 1}`] = String(port);
  });
  for (const [name, text] of Object.entries(env)) {
    const value = fill(text, { ports, task, workspace });
    if (value !== null) found[name] = value;
  }
  return found;
}

function fill(text: string, { ports, task, workspace }: Omit<VariableScope, 'env'>): string | null {
  let isWhole = true;
  const filled = text.replace(/\{\{([^{}]*)\}\}/g, (_, inner: string) => {
    const name = inner.trim();
    if (name === 'task') return task;
    if (name === 'workspace') return workspace;
    const port = ports[Number(name.slice('port'.length) || '1') - 1];
    if (port === undefined) isWhole = false;
    return String(port);
  });
  return isWhole ? filled : null;
}
