/** Rows to begin with; a test names only what it is about. */
import type { Client } from '../../../src/lib/server/storage/app/clients';
import type { NewUser } from '../../../src/lib/server/storage/app/users';
import type { AuditEntry } from '../../../src/lib/server/storage/shared/audit';
import type { Message } from '../../../src/lib/server/storage/shared/messages';
import type { SessionRow } from '../../../src/lib/server/storage/shared/sessions';
import type { Verification } from '../../../src/lib/server/storage/shared/verifications';

/** A user as flows make it: keys follow from what people see. */
export function userRow(id: string, more: Partial<NewUser> = {}): NewUser {
	const username = more.username ?? null;
	const email = more.email ?? null;
	const name = more.name ?? '';
	return {
		id,
		username,
		usernameKey: username && username.toLowerCase(),
		email,
		emailKey: more.emailVerified && email ? email.toLowerCase() : null,
		emailContact: email && email.toLowerCase(),
		emailVerified: false,
		phone: null,
		phoneKey: null,
		phoneVerified: false,
		name,
		nameKey: name.toLowerCase(),
		locale: null,
		status: 'active',
		createdAt: 1000,
		updatedAt: 1000,
		...more,
	};
}

export function clientRow(id: string, more: Partial<Client> = {}): Client {
	return {
		id,
		name: 'Shop',
		secret: null,
		applicationType: 'web',
		firstParty: false,
		pkceRequired: true,
		redirectUris: ['https://shop.example/cb'],
		postLogoutRedirectUris: [],
		backchannelLogoutUri: null,
		idTokenAlg: 'RS256',
		website: '',
		createdAt: 1000,
		updatedAt: 1000,
		...more,
	};
}

export function sessionRow(id: string, userId: string, more: Partial<SessionRow> = {}): SessionRow {
	return {
		id,
		userId,
		createdAt: 1000,
		expiresAt: 5000,
		endsAt: 9000,
		authTime: 1000,
		amr: ['pwd'],
		device: 'Firefox',
		address: '192.0.2.1',
		engineSession: null,
		...more,
	};
}

export function messageRow(id: string, more: Partial<Message> = {}): Message {
	return {
		id,
		channel: 'email',
		sender: 'smtp',
		purpose: 'sign-up',
		recipient: 'sealed recipient',
		content: 'sealed content',
		status: 'queued',
		attempts: 0,
		nextAt: 1000,
		error: null,
		createdAt: 1000,
		expiresAt: 9000,
		finishedAt: null,
		...more,
	};
}

export function verificationRow(
	id: string,
	more: Partial<Verification> = {},
): Omit<Verification, 'attempts' | 'usedAt'> {
	return {
		id,
		purpose: 'sign-up',
		target: 'target-hmac',
		userId: null,
		data: null,
		code: 'code-hmac',
		link: null,
		createdAt: 1000,
		expiresAt: 9000,
		...more,
	};
}

export function auditRow(action: string, more: Partial<AuditEntry> = {}): AuditEntry {
	return {
		at: 1000,
		action,
		outcome: 'ok',
		actor: { kind: 'user', id: 'u1' },
		target: 'user:u1',
		address: '192.0.2.1',
		requestId: 'r1',
		detail: {},
		...more,
	};
}

/** Runs `work` `times` times at once. */
export function atOnce<T>(times: number, work: (index: number) => Promise<T>): Promise<T[]> {
	return Promise.all(Array.from({ length: times }, (_, index) => work(index)));
}
