import { describe, expect, it } from 'vitest';
import { digest } from '../../runtime/vault';
import { toArtifact, toPayload, type NewArtifact } from './stored-form';

const found = (artifact: NewArtifact, consumedAt: number | null = null) => ({ ...artifact, consumedAt });

describe('the stored form', () => {
	it('of a token contains its digest and never the token', () => {
		const payload = {
			jti: 'the-token',
			kind: 'AccessToken',
			accountId: 'u',
			clientId: 'c',
			grantId: 'the-grant',
			exp: 100,
			scope: 'openid',
		};
		const stored = toArtifact('AccessToken', 'the-token', payload);
		expect(stored).toMatchObject({
			id: digest('the-token'),
			accountId: 'u',
			clientId: 'c',
			grantId: digest('the-grant'),
			expiresAt: 100_000,
			uid: null,
		});
		expect(JSON.stringify(stored)).not.toContain('the-token');
		expect(toPayload(found(stored), 'the-token')).toEqual(payload);
	});

	it('of an interaction contains neither its own id nor the session’s', () => {
		const payload = {
			jti: 'the-uid',
			returnTo: 'https://id.example/apps/4/oidc/auth/the-uid',
			params: { client_id: 'c' },
			session: { uid: 's-uid', accountId: 'u', cookie: 'the-cookie' },
			exp: 5,
		};
		const stored = toArtifact('Interaction', 'the-uid', payload);
		expect(JSON.stringify(stored)).not.toMatch(/the-uid|the-cookie/);
		expect(stored).toMatchObject({ clientId: 'c', grantId: null });
		expect(toPayload(found(stored), 'the-uid')).toEqual({
			...payload,
			session: { uid: 's-uid', accountId: 'u' },
		});
	});

	it('of an interaction without a session contains no session', () => {
		const stored = toArtifact('Interaction', 'i', { returnTo: 'x/i' });
		expect(stored.payload).toEqual({ returnTo: 'x/' });
	});

	it('of a session can be found by its uid too, which does not reveal the cookie', () => {
		const stored = toArtifact('Session', 'the-cookie', {
			jti: 'the-cookie',
			uid: 's-uid',
			accountId: 'u',
			loginTs: 1,
		});
		expect(stored.uid).toBe(digest('s-uid'));
		expect(toPayload(found(stored))).toEqual({ uid: 's-uid', accountId: 'u', loginTs: 1 });
	});

	it('has the time of its consumption in seconds', () => {
		expect(toPayload(found(toArtifact('RefreshToken', 't', {}), 61_500), 't')).toEqual({
			jti: 't',
			consumed: 61,
		});
	});

	it('is not changed by its readers', () => {
		const stored = found(toArtifact('Session', 's', { authorizations: { web: { sid: '1' } }, amr: ['pwd'] }));
		const payload = toPayload(stored, 's') as { authorizations: Record<string, unknown>; amr: string[] };
		payload.authorizations['web'] = { sid: '2' };
		payload.amr.push('otp');
		expect(stored.payload).toEqual({ authorizations: { web: { sid: '1' } }, amr: ['pwd'] });
	});
});
