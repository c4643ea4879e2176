import { createRequire } from 'node:module';
import { join } from 'node:path';
import { findPeer } from '../peers.mjs';

/**
 * Cedar (cedarpolicy.com) in its WebAssembly build, or null where it cannot be installed. `prepared` parses the policies once;
 * `stateless` is the call that takes them as text every time.
 */
export async function loadCedar() {
  const folder = await findPeer('@cedar-policy/cedar-wasm');
  if (folder === null) return null;
  const cedar = createRequire(import.meta.url)(join(folder, 'nodejs', 'cedar_wasm.js'));
  return (name, text) => {
    const policies = { staticPolicies: text };
    const parsed = cedar.preparsePolicySet(name, policies);
    if (parsed.type !== 'success') throw new Error(`Cedar: ${parsed.errors[0].message}`);
    return {
      prepared: (request) => decisionOf(cedar.statefulIsAuthorized({ ...asCall(request), preparsedPolicySetId: name })),
      stateless: (request) => decisionOf(cedar.isAuthorized({ ...asCall(request), policies })),
    };
  };
}

function asCall({ subject, action, resource }) {
  return {
    principal: { type: 'User', id: subject.id },
    action: { type: 'Action', id: action.name },
    resource: { type: 'File', id: 'file' },
    context: { id: subject.id, kind: subject.kind, path: resource.path, size: resource.size },
    entities: [],
  };
}

function decisionOf(answer) {
  if (answer.type !== 'success') throw new Error(`Cedar: ${answer.errors[0].message}`);
  return answer.response.decision;
}
