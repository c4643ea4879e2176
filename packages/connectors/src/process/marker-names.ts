/** Variables that every child of an attempt carries. Published: an agent's tools may read them. */
export const ATTEMPT_VARIABLE = 'SIGNALBOX_ATTEMPT';
export const AI_VARIABLE = 'SIGNALBOX_AI';
