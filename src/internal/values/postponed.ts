/**
 * Evaluations that were skipped because a budget was used up. They are told by how the reason begins, which every journal
 * and store keeps: a run that resumes makes up for them, whereas other skipped evaluations would be skipped again.
 */
const beginning = "budget: "

export const postponedReason = (why: string): string => beginning + why

export const isPostponed = (reason: string): boolean => reason.startsWith(beginning)
