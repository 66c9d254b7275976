/** Makes all shared objects known, so that one that arrives is recognised even if nothing here has imported its class. */
export function adoptShared(): void {}
