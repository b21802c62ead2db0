/**
 * Slows the guessing of client secrets down. A right secret costs nothing extra; a wrong one is counted,
 * and once the limit is reached this source is refused for a while even with the right one.
 */
import type { IncomingMessage } from 'node:http';
import Provider, { errors, type Client } from 'oidc-provider';
import { Refusal } from '../../contract/errors';
import { second } from '../runtime/clock';
import type { Tries } from '../limits/limiter';
import { limits, sourceOf } from '../limits/rules';
import { requestContext } from '../runtime/log';
import type { EngineApp } from './engine-app';
import { addEvent } from './record-events';

type Compare = (this: Client, secret: string) => Promise<boolean> | boolean;
interface ComparingClient {
	compareClientSecret: Compare;
}

/** Sources remembered as over the limit: beyond this number the oldest is looked up again at its next wrong try. */
const mostBlocked = 1000;

class Overdrawn {
	readonly #until = new Map<string, number>();
	set(key: string, until: number): void {
		this.#until.delete(key);
		this.#until.set(key, until);
		const [oldest] = this.#until.keys();
		if (this.#until.size > mostBlocked && oldest !== undefined) this.#until.delete(oldest);
	}
	has(key: string, now: number): boolean {
		const until = this.#until.get(key);
		return until !== undefined && until > now;
	}
}

function tooMany(): errors.OIDCProviderError {
	const error = new errors.TemporarilyUnavailable('too many wrong client secrets, wait and try again');
	return Object.assign(error, { status: 429, statusCode: 429 });
}

export function limitSecretGuessing(
	provider: Provider,
	app: EngineApp,
	addressOf: (req: IncomingMessage) => string,
): void {
	const overdrawn = new Overdrawn();
	const prototype = provider.Client.prototype as unknown as ComparingClient;
	const compare = prototype.compareClientSecret;
	const countWrong = async (key: string, tries: Omit<Tries, 'on'>) => {
		try {
			await app.limiter.spend({ ...tries, on: [[limits.clientPair, key]] });
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			overdrawn.set(key, app.clock.now() + Number(error.params['seconds'] ?? 1) * second);
			throw tooMany();
		}
	};
	prototype.compareClientSecret = async function (secret) {
		const req = Provider.ctx?.req;
		const address = req ? addressOf(req) : '';
		const key = `${this.clientId}|${sourceOf(address)}`;
		if (overdrawn.has(key, app.clock.now())) throw tooMany();
		const isRight = await compare.call(this, secret);
		if (isRight) return true;
		const [target, requestId] = [`client:${this.clientId}`, requestContext.getStore()?.requestId ?? ''];
		await countWrong(key, { by: { address, requestId }, target });
		const actor = { kind: 'nobody', id: '' } as const;
		addEvent(app, { action: 'client.authenticate', outcome: 'refused', actor, target }, address);
		return false;
	};
}
