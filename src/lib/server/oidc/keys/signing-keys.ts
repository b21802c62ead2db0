/** The signing keys of an app: made at first use, kept sealed, rotated. A key's id is its thumbprint, so it is never reused. */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import type { JWK } from 'oidc-provider';
import type { Vault } from '../../runtime/vault';
import type { AppRepositories } from '../../storage/app/repositories';
import type { SigningKey } from '../../storage/app/signing-keys';
import type { EngineApp } from '../engine-app';
import { isDuplicate } from '../../storage/engine/failures';
import { dueChanges, inSigningOrder, publishAhead } from './rotation';

type Alg = SigningKey['alg'];
type Needs = Pick<EngineApp, 'store' | 'vault' | 'clock'>;

const algs: readonly Alg[] = ['RS256', 'ES256'];
const generate = promisify(generateKeyPair);
const sealContext = (kid: string) => `signing-key:${kid}`;

async function makePair(alg: Alg): Promise<{ publicKey: KeyObject; privateKey: KeyObject }> {
	return alg === 'RS256' ? generate('rsa', { modulusLength: 2048 }) : generate('ec', { namedCurve: 'P-256' });
}

async function makeKey(
	alg: Alg,
	vault: Vault,
): Promise<Pick<SigningKey, 'kid' | 'alg' | 'publicJwk' | 'privateJwk'>> {
	const { publicKey, privateKey } = await makePair(alg);
	const bare = publicKey.export({ format: 'jwk' });
	const kid = await calculateJwkThumbprint(bare);
	const marks = { kid, alg, use: 'sig' };
	return {
		kid,
		alg,
		publicJwk: { ...bare, ...marks },
		privateJwk: vault.seal(
			JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...marks }),
			sealContext(kid),
		),
	};
}

async function settleDue(tx: AppRepositories, now: number): Promise<void> {
	for (const change of dueChanges(await tx.signingKeys.list(), now)) {
		if (change.to === 'gone') await tx.signingKeys.delete(change.kid);
		else await tx.signingKeys.setState(change.kid, change.to, change.changesAt);
	}
}

/** Makes the first key of a kind. Of two processes at once only one writes; the database refuses the other's. */
async function makeFirst(app: Needs, alg: Alg): Promise<void> {
	const key = await makeKey(alg, app.vault);
	const made: SigningKey = { ...key, state: 'current', createdAt: app.clock.now(), changesAt: null };
	await app.store
		.write((tx) => tx.signingKeys.create(made))
		.catch((error: unknown) => {
			if (!isDuplicate(error)) throw error;
		});
}

/** The keys as of now, the signing one of each algorithm first. */
export async function currentKeys(app: Needs): Promise<SigningKey[]> {
	let keys = await app.store.read.signingKeys.list();
	const missing = algs.filter((alg) => !keys.some((key) => key.alg === alg));
	await Promise.all(missing.map((alg) => makeFirst(app, alg)));
	const due = dueChanges(keys, app.clock.now()).length > 0;
	if (due) await app.store.write((tx) => settleDue(tx, app.clock.now()));
	if (due || missing.length > 0) keys = await app.store.read.signingKeys.list();
	return inSigningOrder(keys);
}

export function openPrivateKey(key: SigningKey, vault: Vault): JWK {
	return JSON.parse(vault.open(key.privateJwk, sealContext(key.kid))) as JWK;
}

/** A key as shown to operators. */
export type KeyView = Pick<SigningKey, 'kid' | 'alg' | 'state' | 'createdAt' | 'changesAt'>;

export interface RotationOrder {
	/** The kind to rotate; both by default. */
	alg?: Alg | undefined;
	/** true: the new key signs from now on; otherwise it is published first, and signs a day later. */
	immediately?: boolean | undefined;
}

/** Runs in the transaction of a rotation, e.g. to write the log entry: both happen or neither. */
export type AlsoRotated = (tx: Pick<AppRepositories, 'audit'>) => Promise<void>;

/** Starts a rotation. One that is already under way goes on; `immediately` ends its waiting time. */
export async function rotateKeys(
	app: Needs,
	order: RotationOrder = {},
	also?: AlsoRotated,
): Promise<KeyView[]> {
	await currentKeys(app);
	const wanted = order.alg ? [order.alg] : algs;
	const made = await Promise.all(wanted.map((alg) => makeKey(alg, app.vault)));
	await app.store.write(async (tx) => {
		const now = app.clock.now();
		const upcoming = (await tx.signingKeys.list()).filter((key) => key.state === 'upcoming');
		const changesAt = order.immediately ? now : now + publishAhead;
		for (const key of made) {
			const waiting = upcoming.filter(({ alg }) => alg === key.alg);
			if (waiting.length === 0)
				await tx.signingKeys.create({ ...key, state: 'upcoming', createdAt: now, changesAt });
			else if (order.immediately)
				for (const { kid } of waiting) await tx.signingKeys.setState(kid, 'upcoming', now);
		}
		await settleDue(tx, now);
		await also?.(tx);
	});
	return listKeys(app);
}

export async function listKeys(app: Needs): Promise<KeyView[]> {
	return (await currentKeys(app)).map(({ kid, alg, state, createdAt, changesAt }) => ({
		kid,
		alg,
		state,
		createdAt,
		changesAt,
	}));
}
