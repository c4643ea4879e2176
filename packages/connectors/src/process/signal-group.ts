/** Signals every process of the group that `pid` leads. That the group is empty is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the group is empty
  }
}
