/** How long a sign-in through a third party takes, less what the third party takes: its emulator runs in this process. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { answerAt } from '../emulators/consent';
import { cookieHeader, post, send, type Got } from '../attack/wire';

interface Journey {
	/** Where the appliance listens. */
	at: string;
	/** ORIGIN. */
	origin: string;
	app: number;
	connector: string;
}

interface Exchange {
	request: object;
}

/** Milliseconds that servers of this process spend on requests while `work` runs. */
async function servedDuring<T>(work: () => Promise<T>): Promise<{ result: T; served: number }> {
	const began = new WeakMap<object, number>();
	let served = 0;
	const start = (message: unknown) => void began.set((message as Exchange).request, performance.now());
	const finish = (message: unknown) => {
		const from = began.get((message as Exchange).request);
		if (from !== undefined) served += performance.now() - from;
	};
	subscribe('http.server.request.start', start);
	subscribe('http.server.response.finish', finish);
	try {
		return { result: await work(), served };
	} finally {
		unsubscribe('http.server.request.start', start);
		unsubscribe('http.server.response.finish', finish);
	}
}

function mustLead(got: Got, where: string): string {
	const { location } = got.headers;
	if (got.status !== 303 || !location) throw new Error(`${where}: ${got.status} ${got.body.slice(0, 300)}`);
	return location;
}

/** From the choice to the vendor's page, and from there to being signed in; the first time, to joining. @returns our own time, ms */
async function once({ at, origin, app, connector }: Journey): Promise<number> {
	const own = { host: new URL(origin).host, origin };
	const begun = await servedDuring(() => post(at, `/apps/${app}/sign-in`, { connector }, own));
	const vendor = mustLead(begun.result, 'begin');
	const query = new URLSearchParams(await answerAt(vendor, 'Mei')).toString();
	const path = `/apps/${app}/connect/${connector}/callback?${query}`;
	const cookie = cookieHeader(begun.result);
	const headers = { ...own, accept: 'text/html', cookie };
	const back = await servedDuring(() => send(at, { path, headers }));
	const onward = mustLead(back.result, 'callback');
	if (onward.includes('/connect')) {
		const both = `${cookie}; ${cookieHeader(back.result)}`;
		const joined = await post(at, `/apps/${app}/connect`, { decision: 'join' }, { ...own, cookie: both });
		mustLead(joined, 'join');
	} else if (!back.result.cookies.some((line) => new RegExp(`menshen-${app}=\\w`).test(line)))
		throw new Error(`nobody was signed in: ${onward}`);
	return begun.result.ms + back.result.ms - begun.served - back.served;
}

/** One after the other, the first ones not counted. @returns our own times, ms, in order */
export async function timeRedirects(
	journey: Journey,
	{ rounds, warmUp }: { rounds: number; warmUp: number },
) {
	const times: number[] = [];
	for (let round = -warmUp; round < rounds; round++) {
		const own = await once(journey);
		if (round >= 0) times.push(own);
	}
	return times;
}
