/** Predicts the effects of a policy on users while it is being edited. It decides nothing. */

export interface PolicyDraft {
	registration: boolean;
	systemAccounts: boolean;
	identifiers: readonly string[];
	requireVerified: readonly string[];
}

/** Troubles of new users; the others concern all users. */
export const isOfJoining = (trouble: Trouble): boolean => /^un(?:provable|sendable)-/.test(trouble);

interface Openings {
	password: boolean;
	email: boolean;
	phone: boolean;
	external: boolean;
	passkey: boolean;
	sends: Readonly<Record<'email' | 'phone', boolean>>;
}

export type Trouble =
	| 'nobody'
	| 'only-passkeys'
	| 'system-off'
	| 'lost-username'
	| 'lost-email'
	| 'lost-phone'
	| 'unprovable-email'
	| 'unprovable-phone'
	| 'unsendable-email'
	| 'unsendable-phone';

function opensSystem({ systemAccounts, identifiers }: PolicyDraft, open: Openings): boolean {
	if (!systemAccounts || identifiers.length === 0) return false;
	return (
		open.password || (['email', 'phone'] as const).some((kind) => open[kind] && identifiers.includes(kind))
	);
}

function shutOut(draft: PolicyDraft, open: Openings): Trouble[] {
	if (open.external || opensSystem(draft, open)) return [];
	return [open.passkey ? 'only-passkeys' : 'nobody'];
}

/** Only changes bring a warning: the stored policy was chosen knowingly. */
function lost(before: PolicyDraft, draft: PolicyDraft): Trouble[] {
	if (!before.systemAccounts) return [];
	if (!draft.systemAccounts) return ['system-off'];
	const kinds = ['username', 'email', 'phone'] as const;
	return kinds
		.filter((kind) => before.identifiers.includes(kind) && !draft.identifiers.includes(kind))
		.map((kind) => `lost-${kind}` as const);
}

function unprovable({ registration, requireVerified }: PolicyDraft, open: Openings): Trouble[] {
	if (!registration) return [];
	return (['email', 'phone'] as const)
		.filter((kind) => requireVerified.includes(kind) && !open[kind])
		.map((kind) => (open.sends[kind] ? (`unprovable-${kind}` as const) : (`unsendable-${kind}` as const)));
}

export function foresee(
	{ before, draft }: { before: PolicyDraft; draft: PolicyDraft },
	open: Openings,
): Trouble[] {
	return [...shutOut(draft, open), ...lost(before, draft), ...unprovable(draft, open)];
}
