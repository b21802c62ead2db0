/** Any procedure from inside the process, as the owner: what the command line and tests use. */
import { callTRPCProcedure } from '@trpc/server';
import { Refusal } from '../../contract/errors';
import type { ApplianceServices, Visitor } from '../flows/services';
import { newId } from '../runtime/random';
import type { TrpcContext } from './context';
import { explain } from './error-shape';
import { appRouter } from './router';

interface CallRequest {
	/** e.g. `admin.apps.list`. */
	procedure: string;
	input?: unknown;
	/** The app that the call is for, if any. */
	app?: number | undefined;
	locale?: Visitor['locale'] | undefined;
}

/** @throws Refusal whatever the procedure refuses; `edge/not-found` where there is no such procedure */
export type Call = (request: CallRequest) => Promise<unknown>;

const owner = { kind: 'system', id: 'cli' } as const;

function contextOf(appliance: ApplianceServices, { app, locale = 'en' }: CallRequest): TrpcContext {
	const requestId = newId();
	return {
		requestId,
		locale: () => locale,
		appliance,
		// A terminal has no browser: no session begins here.
		carrier: { way: 'none', hand: () => undefined, drop: () => undefined },
		namesApp: app !== undefined,
		visitor: () => ({ address: 'unknown', device: 'menshen', locale, requestId }),
		findApp: async () => {
			if (app === undefined) throw new Refusal('app/not-found');
			return appliance.app(app);
		},
		findUser: async () => undefined,
		findAdministrator: async () => ({ actor: owner }),
	};
}

interface Named {
	_def: { type: 'query' | 'mutation' };
}

const procedures = appRouter._def.procedures as unknown as Readonly<Record<string, Named | undefined>>;
const typeOf = (name: string) => procedures[name]?._def.type ?? 'query';

export function createCall(appliance: ApplianceServices): Call {
	return async (request) => {
		const ctx = contextOf(appliance, request);
		try {
			const result: unknown = await callTRPCProcedure({
				router: appRouter,
				path: request.procedure,
				type: typeOf(request.procedure),
				ctx,
				getRawInput: async () => request.input,
				signal: undefined,
				batchIndex: 0,
			});
			return result;
		} catch (thrown) {
			throw explain(thrown, { log: appliance.log, requestId: ctx.requestId });
		}
	};
}
