/** The branch on which finished work meets. The user's own branches move only when the user asks. */
export const INTEGRATION_BRANCH = 'signalbox/integration';
export const INTEGRATION_REF = `refs/heads/${INTEGRATION_BRANCH}`;
